// Are the classes unequal enough to do something, and what? Advice from the counts alone; the person decides.

import type { ClassCounts } from '../../protocol/dataset.ts';

export interface ImbalanceAdvice {
  readonly act: 'nothing' | 'oversample' | 'weightClasses';
  /** Pictures of the largest class for one of the smallest; 1 where they are equal. */
  readonly ratio: number;
  readonly sentence: string;
}

/** The lesson finds 66 to 126 pictures a breed fine, a ratio of 1.9 (LESSON section 10); it names no limit, this is ours. */
const WORTH_ACTING_RATIO = 3;

/** Epochs this many times as long are too dear for the same pictures again; weights cost no time. */
const MAX_EPOCH_GROWTH = 3;

/** Looks at training pictures only. Classes without one are left out: nothing can be repeated or weighed. */
export function adviseOnImbalance(counts: readonly Pick<ClassCounts, 'className' | 'train'>[]): ImbalanceAdvice {
  const ordered = counts.filter(({ train }) => train > 0).sort((a, b) => a.train - b.train);
  const [smallest, largest] = [ordered[0], ordered.at(-1)];
  if (smallest === undefined || largest === undefined || smallest === largest) {
    return { act: 'nothing', ratio: 1, sentence: 'There are no two classes to compare.' };
  }
  const ratio = largest.train / smallest.train;
  const sizes = `“${largest.className}” has ${largest.train} training pictures and “${smallest.className}” ${smallest.train}`;
  if (ratio < WORTH_ACTING_RATIO) {
    return { act: 'nothing', ratio, sentence: `${sizes}. That is balanced enough: leave it as it is.` };
  }
  const total = ordered.reduce((sum, { train }) => sum + train, 0);
  const repeatedTotal = largest.train * ordered.length;
  if (repeatedTotal <= MAX_EPOCH_GROWTH * total) {
    return {
      act: 'oversample',
      ratio,
      sentence: `${sizes}. Repeat the rare classes: an epoch then shows ${repeatedTotal} pictures instead of ${total}. More pictures of “${smallest.className}” would be better still.`,
    };
  }
  return {
    act: 'weightClasses',
    ratio,
    sentence: `${sizes}. Repeating the rare classes would make an epoch ${(repeatedTotal / total).toFixed(1)} times as long, so let their pictures count more in the loss instead. More pictures of “${smallest.className}” would be better still.`,
  };
}
