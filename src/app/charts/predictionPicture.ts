// A judged picture as a grid shows it: what was said, what it is, how sure.

import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { PicturePrediction } from '../../protocol/training.ts';
import { formatPercent } from '../ui/formatNumbers.ts';
import type { GridPicture } from '../ui/gridPicture.ts';

export function toGridPicture(
  one: PicturePrediction,
  classes: readonly string[],
  dataset: DatasetSummary | null,
): GridPicture {
  return {
    id: one.pictureId,
    path: dataset?.pictures[one.pictureId]?.path ?? '',
    captions: [
      `said ${classes[one.predictedClassIndex]} ${formatPercent(one.probability, 0)}`,
      `is ${classes[one.trueClassIndex]} ${formatPercent(one.trueProbability, 0)}`,
    ],
  };
}
