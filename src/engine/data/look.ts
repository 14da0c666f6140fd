// What a picture looks like in 64 bits (dHash: whether each spot is darker than its right neighbour), for finding pictures that were
// only scaled or saved anew. Light and contrast hardly change the bits, so the small pixels themselves have the last word.

import { GLANCE } from '../platform/ports.ts';

/**
 * 64 bits in bands of 13, 13, 13, 13 and 12. Two hashes that differ in at most 4 bits differ in at most 4 of the 5 bands, so at least
 * one band is equal: who looks up each band finds every such pair without comparing all with all.
 */
const BAND_BITS = 13;
export const BAND_COUNT = 5;
const MAX_DIFFERING_BITS = 4;

/** Of 255, between the darkest and the brightest spot: below it the bits are noise, and blank pictures would all be alike. */
const LEAST_CONTRAST = 16;

/**
 * Of 255, in the mean over spots and colours. Saving as JPEG and scaling move a spot's mean by one or two; two drawings with the same
 * outline and other colours are further apart.
 */
const MAX_MEAN_DIFFERENCE = 4;

export interface Look {
  readonly bands: Uint16Array;
  /** [8, 9, 3] */
  readonly glance: Uint8Array;
}

/** @param glance [8, 9, 3]; @returns null for a picture with too little on it to be told from others. */
export function readLook(glance: Uint8Array): Look | null {
  const greys = new Float32Array(GLANCE.widthPx * GLANCE.heightPx);
  for (let spot = 0; spot < greys.length; spot++) {
    const [red, green, blue] = glance.subarray(spot * 3, spot * 3 + 3) as unknown as [number, number, number];
    // ITU-R BT.601, as JPEG weighs colours.
    greys[spot] = 0.299 * red + 0.587 * green + 0.114 * blue;
  }
  if (Math.max(...greys) - Math.min(...greys) < LEAST_CONTRAST) return null;
  const bands = new Uint16Array(BAND_COUNT);
  let bit = 0;
  for (let spot = 0; spot < greys.length; spot++) {
    if (spot % GLANCE.widthPx === GLANCE.widthPx - 1) continue;
    const isDarker = (greys[spot] as number) < (greys[spot + 1] as number);
    const band = Math.floor(bit / BAND_BITS);
    if (isDarker) bands[band] = (bands[band] as number) | (1 << (bit % BAND_BITS));
    bit += 1;
  }
  return { bands, glance };
}

/** How far two looks are apart, 0 for equal ones; null where they are not nearly the same. */
export function compareLooks(a: Look, b: Look): number | null {
  let differingBits = 0;
  for (let band = 0; band < BAND_COUNT; band++) {
    differingBits += countBits((a.bands[band] as number) ^ (b.bands[band] as number));
    if (differingBits > MAX_DIFFERING_BITS) return null;
  }
  let sum = 0;
  for (let at = 0; at < a.glance.length; at++) sum += Math.abs((a.glance[at] as number) - (b.glance[at] as number));
  const mean = sum / a.glance.length;
  return mean <= MAX_MEAN_DIFFERENCE ? mean : null;
}

function countBits(bits: number): number {
  let count = 0;
  for (let rest = bits; rest !== 0; rest &= rest - 1) count += 1;
  return count;
}
