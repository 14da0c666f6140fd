// Tells whether two sets of parameters are the same, without keeping both.

import type { ParameterValues } from './graph.ts';

/** 32 bits over the bits of all values in their order: a step of FNV-1a for each, its high bits folded down after it. */
export function fingerprintValues(parameters: ParameterValues): number {
  let mixed = 0x811c9dc5;
  for (const values of parameters.values()) {
    const words = new Uint32Array(values.buffer, values.byteOffset, values.length);
    for (const word of words) {
      mixed = Math.imul(mixed ^ word, 0x01000193);
      mixed ^= mixed >>> 15;
    }
  }
  return mixed >>> 0;
}
