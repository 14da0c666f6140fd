// The queries behind a result of tags: the mistakes of each tag, the pictures behind a number, what to draw of many tags, galleries.

import type { EventOf } from '../../protocol/events.ts';
import type { ConfusionMatrix, TagPrediction, TagReport } from '../../protocol/training.ts';
import { maxShownClasses } from './confusion.ts';

export type TagResult = EventOf<'tagsJudged'>;

/** How often a tag was wrong: not given to pictures that have it, given to pictures that do not. */
export interface TagMistakes {
  readonly tagIndex: number;
  readonly missedCount: number;
  readonly addedCount: number;
}

/** Which pictures: those that have the one tag and were given the other, or those whose tag was missed, added or right. */
export type TagSelection =
  | { readonly kind: 'pair'; readonly trueTag: number; readonly givenTag: number }
  | { readonly kind: 'missed' | 'added' | 'right'; readonly tagIndex: number };

/** The tags of one picture by how they were judged. */
export interface SortedTags {
  /** The surest first. */
  readonly right: readonly number[];
  /** The least probable first. */
  readonly missed: readonly number[];
  /** The most probable first. */
  readonly added: readonly number[];
}

export function sortTags({ trueTags, predictedTags, probabilities }: TagPrediction): SortedTags {
  const surestFirst = (a: number, b: number) => (probabilities[b] ?? 0) - (probabilities[a] ?? 0);
  return {
    right: trueTags.filter((tag) => predictedTags.includes(tag)).sort(surestFirst),
    missed: trueTags.filter((tag) => !predictedTags.includes(tag)).sort((a, b) => surestFirst(b, a)),
    added: predictedTags.filter((tag) => !trueTags.includes(tag)).sort(surestFirst),
  };
}

/** Of each tag, in the order of the tags. */
export function countTagMistakes({ classes, predictions }: TagResult): readonly TagMistakes[] {
  const missed = classes.map(() => 0);
  const added = classes.map(() => 0);
  for (const prediction of predictions) {
    const tags = sortTags(prediction);
    for (const tag of tags.missed) missed[tag] = (missed[tag] ?? 0) + 1;
    for (const tag of tags.added) added[tag] = (added[tag] ?? 0) + 1;
  }
  return classes.map((_, tagIndex) => ({
    tagIndex,
    missedCount: missed[tagIndex] ?? 0,
    addedCount: added[tagIndex] ?? 0,
  }));
}

/** The tags that were wrong in one way, the most often first; those that never were are left out. */
export function mostOften(
  mistakes: readonly TagMistakes[],
  kind: 'missed' | 'added',
): readonly { readonly tagIndex: number; readonly count: number }[] {
  return mistakes
    .map(({ tagIndex, missedCount, addedCount }) => ({ tagIndex, count: kind === 'missed' ? missedCount : addedCount }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
}

/** Indices of the tags to draw, in their own order: all, or of many those with the most mistakes. */
export function shownTags(mistakes: readonly TagMistakes[], limit = maxShownClasses): readonly number[] {
  const worst = [...mistakes].sort((a, b) => b.missedCount + b.addedCount - (a.missedCount + a.addedCount));
  return worst
    .slice(0, limit)
    .map(({ tagIndex }) => tagIndex)
    .sort((a, b) => a - b);
}

/** Pictures that have the row's tag and were given the column's. */
export function tagMatrix({ classes, cooccurrences }: TagResult): ConfusionMatrix {
  return { classes, counts: cooccurrences };
}

/** Pictures that have each tag: what a full cell of its row counts. */
export function picturesWithTag({ reports }: TagResult): readonly number[] {
  return reports.map(({ support }) => support);
}

/** The pictures behind a number; mistakes first, and of them those that the network was surest of. */
export function selectTagPictures({ predictions }: TagResult, selection: TagSelection): readonly TagPrediction[] {
  if (selection.kind === 'pair') {
    const { trueTag, givenTag } = selection;
    const isMistake = ({ trueTags }: TagPrediction) => Number(!trueTags.includes(givenTag));
    return predictions
      .filter(({ trueTags, predictedTags }) => trueTags.includes(trueTag) && predictedTags.includes(givenTag))
      .sort((a, b) => isMistake(b) - isMistake(a) || probabilityOf(b, givenTag) - probabilityOf(a, givenTag));
  }
  const { kind, tagIndex } = selection;
  const sign = kind === 'missed' ? 1 : -1;
  return predictions
    .filter((prediction) => sortTags(prediction)[kind].includes(tagIndex))
    .sort((a, b) => sign * (probabilityOf(a, tagIndex) - probabilityOf(b, tagIndex)));
}

function probabilityOf({ probabilities }: TagPrediction, tagIndex: number): number {
  return probabilities[tagIndex] ?? 0;
}

export type TagOrder = 'name' | 'count' | 'f2';

/** Each tag's report with its index: by name, the most pictures first, or the lowest F2 first, those that cannot be judged last. */
export function orderTags(
  reports: readonly TagReport[],
  order: TagOrder,
): readonly { readonly report: TagReport; readonly tagIndex: number }[] {
  const indexed = reports.map((report, tagIndex) => ({ report, tagIndex }));
  if (order === 'name') return indexed;
  if (order === 'count') return indexed.sort((a, b) => b.report.support - a.report.support);
  const worth = ({ support, f2 }: TagReport) => (support === 0 ? Number.POSITIVE_INFINITY : f2);
  return indexed.sort((a, b) => compare(worth(a.report), worth(b.report)));
}

/** As a difference would, but infinity equals itself. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

export interface TagGallery {
  readonly title: string;
  /** What its pictures are, in a sentence. */
  readonly sentence: string;
  readonly pictures: readonly TagPrediction[];
}

const GALLERY_SIZE = 12;

/** Of one tag, or of all of them (null). */
export function queryTagGalleries(result: TagResult, tagIndex: number | null): readonly TagGallery[] {
  if (tagIndex === null) {
    const byLoss = [...result.predictions].sort((a, b) => b.loss - a.loss);
    const isRight = (one: TagPrediction) => sortTags(one).missed.length + sortTags(one).added.length === 0;
    return [
      {
        title: 'Top losses',
        sentence: 'They cost most: the network is sure of tags that are wrong, or the labels are.',
        pictures: byLoss.slice(0, GALLERY_SIZE),
      },
      {
        title: 'Every tag right',
        sentence: 'All of their tags were given and no other, those that cost least first.',
        pictures: byLoss.filter(isRight).reverse().slice(0, GALLERY_SIZE),
      },
    ];
  }
  const name = result.classes[tagIndex] ?? '';
  const select = (kind: 'missed' | 'added' | 'right') => selectTagPictures(result, { kind, tagIndex });
  return [
    {
      title: 'Missed',
      sentence: `Pictures of ${name} that were not given it, the least probable first.`,
      pictures: select('missed'),
    },
    {
      title: 'Added wrongly',
      sentence: `Pictures that were given ${name} without having it, the surest first.`,
      pictures: select('added'),
    },
    {
      title: 'Surest right',
      sentence: `Pictures of ${name} that were given it, the surest first.`,
      pictures: select('right').slice(0, GALLERY_SIZE),
    },
  ];
}
