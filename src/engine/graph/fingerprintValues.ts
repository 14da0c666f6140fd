// Tells whether two sets of parameters are the same, without keeping both.

import type { ParameterValues } from './graph.ts';

/** Two FNV-1a hashes of 32 bits from different beginnings, over every bit of every value in their order. */
export function fingerprintValues(parameters: ParameterValues): string {
  let [first, second] = [0x811c9dc5, 0x9e3779b9];
  for (const { buffer, byteOffset, length } of parameters.values()) {
    for (const word of new Uint32Array(buffer, byteOffset, length)) {
      first = Math.imul(first ^ word, 0x01000193);
      // Multiplying carries bits upwards only; the turn brings the upper ones back down.
      second = Math.imul(second ^ word, 0x85ebca6b);
      second = (second << 13) | (second >>> 19);
    }
  }
  return [first, second].map((part) => (part >>> 0).toString(16).padStart(8, '0')).join('');
}
