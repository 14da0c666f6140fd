// Are the classes unequal enough to do something, and what? Advice from the counts alone; the person decides.

import type { ClassCounts, LabelKind } from '../../protocol/dataset.ts';

export interface ImbalanceAdvice {
  readonly act: 'nothing' | 'oversample' | 'weightClasses' | 'addPictures';
  /** Pictures of the largest class for one of the smallest; 1 where they are equal. */
  readonly ratio: number;
  readonly sentence: string;
}

/** The lesson finds 66 to 126 pictures a breed fine, a ratio of 1.9 (LESSON section 10); it names no limit, this is ours. */
const WORTH_ACTING_RATIO = 3;

/** Epochs this many times as long are too dear for the same pictures again; weights cost no time. */
const MAX_EPOCH_GROWTH = 3;

/** The setting and its choices as recipe/balanceSettings.ts calls them. */
const WHERE = 'for “Rare classes” in the settings of a training';

/**
 * Looks at training pictures only. Classes without one are left out: nothing can be repeated or weighed. For tags neither is
 * there to advise: a picture with a rare one has common ones too.
 */
export function adviseOnImbalance(
  counts: readonly Pick<ClassCounts, 'className' | 'train'>[],
  labelKind: LabelKind = 'oneClass',
): ImbalanceAdvice {
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
  if (labelKind === 'tags') {
    return { act: 'addPictures', ratio, sentence: `${sizes}. Rare tags are learnt badly: add pictures of them.` };
  }
  const total = ordered.reduce((sum, { train }) => sum + train, 0);
  const repeatedTotal = largest.train * ordered.length;
  const better = `More pictures of “${smallest.className}” would be better still.`;
  if (repeatedTotal <= MAX_EPOCH_GROWTH * total) {
    return {
      act: 'oversample',
      ratio,
      sentence: `${sizes}; rare classes are learnt badly. Choose “repeat their pictures” ${WHERE}: an epoch then shows ${repeatedTotal} pictures instead of ${total}. ${better}`,
    };
  }
  return {
    act: 'weightClasses',
    ratio,
    sentence: `${sizes}; rare classes are learnt badly. Choose “weigh them more in the loss” ${WHERE}: repeating their pictures would make an epoch ${(repeatedTotal / total).toFixed(1)} times as long. ${better}`,
  };
}
