// Values between pixels: the cubic that goes through every pixel and at each has the slope of its two neighbours (Catmull & Rom 1974;
// Keys 1981 with a = -1/2). A straight line between pixels would blur whatever lies half way, and training looks mostly do: a network
// that learnt on blurred looks judges plain, sharp pictures worse (docs/decisions/0015).

/** Weights of the four pixels at -1, 0, 1 and 2 for a place `share` of the way from pixel 0 to pixel 1. They add up to 1. */
export function catmullRomWeights(share: number): readonly [number, number, number, number] {
  const square = share * share;
  const cube = square * share;
  return [
    -0.5 * share + square - 0.5 * cube,
    1 - 2.5 * square + 1.5 * cube,
    0.5 * share + 2 * square - 1.5 * cube,
    -0.5 * square + 0.5 * cube,
  ];
}
