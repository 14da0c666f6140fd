// A picture with tags as a grid shows it: which were right, which were missed, which were added, each with its probability.

import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { TagPrediction } from '../../protocol/training.ts';
import { formatPercent } from '../ui/formatNumbers.ts';
import type { GridPicture } from '../ui/gridPicture.ts';
import { sortTags } from './tagQueries.ts';

/** @param lead lines before the tags, as many for every picture of a grid. */
export function toTagPicture(
  one: TagPrediction,
  classes: readonly string[],
  dataset: DatasetSummary | null,
  lead: readonly string[] = [],
): GridPicture {
  const tags = sortTags(one);
  const name = (word: string, indices: readonly number[]) => {
    const named = indices.map((tag) => `${classes[tag]} ${formatPercent(one.probabilities[tag] ?? 0, 0)}`);
    return `${word}: ${named.length > 0 ? named.join(', ') : '–'}`;
  };
  return {
    id: one.pictureId,
    path: dataset?.pictures[one.pictureId]?.path ?? '',
    captions: [...lead, name('right', tags.right), name('missed', tags.missed), name('added', tags.added)],
  };
}
