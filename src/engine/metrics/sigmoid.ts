// Probabilities of classes that do not exclude each other; softmaxRows is for classes that do.

/** 1 / (1 + e^-logit), in double precision: e^-logit may become infinite there, and the quotient is then 0 as it should be. */
export function sigmoids(logits: Float32Array): Float32Array {
  return logits.map((logit) => 1 / (1 + Math.exp(-logit)));
}
