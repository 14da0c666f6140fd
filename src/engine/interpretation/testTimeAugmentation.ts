// Test-time augmentation: the network looks at each picture plainly and a few times changed, and the looks are combined
// (LESSON section 7). A look is probabilities [item, class]; its logarithm, where a rule wants one, is taken here.

import { averageProbabilities } from './averageProbabilities.ts';

/**
 * mean: fastai 0.7's, where the plain look counts once for every four changed ones, rounded up: a fifth for four.
 * weighted: fastai 2's, where the plain look has a fixed share.
 * logMean: that of November 2017, which the lesson's 0.9965 was measured with; it can choose another class than `mean`.
 */
export type LookRule = 'mean' | 'weighted' | 'logMean';

export interface Looks {
  readonly plain: Float32Array;
  readonly augmented: readonly Float32Array[];
  /** Whether the classes exclude each other (softmax) or not (sigmoid). */
  readonly activation: 'softmax' | 'sigmoid';
}

const AUGMENTED_PER_PLAIN = 4;
/** fastai 2's beta: the plain look's share. */
const PLAIN_SHARE = 0.25;
/** Float32's smallest number. A softmax that underflowed to 0 is not a veto: the lesson averaged log-softmax, never -Infinity. */
const SMALLEST_PROBABILITY = 2 ** -149;

/**
 * One probability for each item and class [item, class]. Throws RangeError without an augmented look, as 0.7 does, and where
 * looks differ in size. Rows of `logMean` do not add up to 1.
 */
export function combineLooks(rule: LookRule, looks: Looks): Float32Array {
  if (looks.augmented.length === 0) throw new RangeError('Test-time augmentation needs at least one augmented look.');
  switch (rule) {
    case 'mean':
      return averageProbabilities(stackLooks(looks));
    case 'weighted':
      return blendLooks(looks);
    case 'logMean':
      // November's library averaged what the network gave out: log-softmax, but sigmoids as they were.
      return looks.activation === 'sigmoid' ? averageProbabilities(stackLooks(looks)) : averageLogarithms(looks);
  }
}

function stackLooks({ plain, augmented }: Looks): Float32Array[] {
  const plainCount = Math.ceil(augmented.length / AUGMENTED_PER_PLAIN);
  return [...Array.from({ length: plainCount }, () => plain), ...augmented];
}

function blendLooks({ plain, augmented }: Looks): Float32Array {
  const changed = averageProbabilities(augmented);
  if (plain.length !== changed.length) throw new RangeError('Looks have the same items and classes.');
  return plain.map((probability, index) => PLAIN_SHARE * probability + (1 - PLAIN_SHARE) * (changed[index] as number));
}

/** e to the mean of the logarithms: the geometric mean. */
function averageLogarithms(looks: Looks): Float32Array {
  const logarithms = stackLooks(looks).map((look) =>
    look.map((probability) => Math.log(Math.max(probability, SMALLEST_PROBABILITY))),
  );
  return averageProbabilities(logarithms).map(Math.exp);
}
