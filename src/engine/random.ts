// Seeded random numbers, passed in. Nothing in the engine calls Math.random: same seed, same split, order and dropout.

import { mersenne } from 'pure-rand/generator/mersenne';
import { xoroshiro128plus, xoroshiro128plusFromState } from 'pure-rand/generator/xoroshiro128plus';

/** Where a stream stands, as plain numbers: a stream that goes there draws what this one would draw next. */
export type RandomPosition = readonly number[];

export interface Random {
  position(): RandomPosition;
  /** Throws RangeError for what is no position. */
  goTo(position: RandomPosition): void;
  /** A whole number in 0 .. 2^32 - 1. */
  uint32(): number;
  /** A number in [0, 1). */
  uniform(): number;
  /** A whole number in 0 .. limit - 1. */
  below(limit: number): number;
  /** A draw from the normal distribution with mean 0 and standard deviation 1. */
  normal(): number;
  /** A new array with the same items in random order. */
  shuffle<Item>(items: readonly Item[]): Item[];
}

/** Signed 32-bit words of the generator's state. */
const POSITION_WORDS = 4;

/**
 * A random stream of its own for one purpose. Streams with different purposes are independent, so that a step that draws
 * more numbers than before does not change what another step draws.
 * @param seed any whole number; @param purpose a name such as 'split' or 'dropout'.
 */
export function createRandom(seed: number, purpose: string): Random {
  let generator = xoroshiro128plus(hash(`${seed}:${purpose}`));
  const uint32 = () => generator.next() >>> 0;
  const uniform = () => uint32() / 2 ** 32;
  const below = (limit: number) => Math.floor(uniform() * limit);
  return {
    position: () => [...generator.getState()],
    goTo(position) {
      const isWord = (word: number) => Number.isInteger(word) && word === (word | 0);
      // A generator whose state is all zeros gives nothing but zeros.
      if (position.length !== POSITION_WORDS || !position.every(isWord) || position.every((word) => word === 0)) {
        throw new RangeError(`A random stream cannot stand at ${position}.`);
      }
      generator = xoroshiro128plusFromState(position);
    },
    uint32,
    uniform,
    below,
    normal() {
      // Box-Muller; 1 - u keeps the logarithm away from zero.
      return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
    },
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = below(last + 1);
        const moved = shuffled[last] as (typeof shuffled)[number];
        shuffled[last] = shuffled[other] as (typeof shuffled)[number];
        shuffled[other] = moved;
      }
      return shuffled;
    },
  };
}

/** FNV-1a over the UTF-16 code units, 32 bits. */
export function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  return value >>> 0;
}

/**
 * The permutation of 0 .. count - 1 that NumPy's legacy RandomState(seed).permutation gives, so that splits match the
 * lesson's. MT19937; Fisher-Yates from the end; each index drawn by masking 32-bit outputs until one fits.
 */
export function numpyPermutation(count: number, seed: number): number[] {
  const generator = mersenne(seed);
  const order = Array.from({ length: count }, (_, index) => index);
  for (let last = count - 1; last >= 1; last--) {
    let mask = last;
    for (let shift = 1; shift <= 16; shift *= 2) mask |= mask >>> shift;
    let drawn = last + 1;
    while (drawn > last) drawn = ((generator.next() >>> 0) & mask) >>> 0;
    const moved = order[last] as number;
    order[last] = order[drawn] as number;
    order[drawn] = moved;
  }
  return order;
}

/**
 * A random whole number in 0 .. 2^32 - 1 that depends on nothing but its three arguments, so that any element can be drawn
 * alone, on a GPU too. PCG's output permutation over an LCG step (Jarzynski & Olano 2020, "Hash Functions for GPU
 * Rendering"), chained: pcg(index ^ pcg(stream ^ pcg(seed))).
 */
export function counterRandom(seed: number, stream: number, index: number): number {
  return pcg(index ^ pcg(stream ^ pcg(seed)));
}

function pcg(value: number): number {
  const state = (Math.imul(value, 747796405) + 2891336453) >>> 0;
  const word = Math.imul((state >>> ((state >>> 28) + 4)) ^ state, 277803737) >>> 0;
  return ((word >>> 22) ^ word) >>> 0;
}

/**
 * Dropout's factor for one element: 0 with probability `rate`, else 1 / (1 - rate). Both executors draw it like this.
 * @param stream graph/dropoutStream.ts; @param index flat index in [item, feature].
 */
export function dropoutFactor(seed: number, stream: number, index: number, rate: number): number {
  return counterRandom(seed, stream, index) < dropoutThreshold(rate) ? 0 : 1 / (1 - rate);
}

/** Draws below it are dropped. */
export function dropoutThreshold(rate: number): number {
  return Math.round(rate * 2 ** 32);
}
