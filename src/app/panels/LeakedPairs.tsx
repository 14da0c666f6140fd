// Pictures to check with beside their twins among those to learn from: same bytes first, then those that look nearly the same.

import { memo, useMemo } from 'react';
import type { DatasetSummary, LeakedPair } from '../../protocol/dataset.ts';
import { nameLabels } from '../charts/datasetQueries.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import type { GridPicture } from '../ui/gridPicture.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';

export const LeakedPairs = memo(function LeakedPairs({ dataset }: { dataset: DatasetSummary }) {
  const tiles = useMemo(() => toTiles(dataset), [dataset]);
  const { leaks } = dataset;
  if (!leaks || tiles.length === 0) return null;
  const count = leaks.exact.count + leaks.near.count;
  const shown = tiles.length / 2;
  return (
    <section className="block" aria-labelledby="leaks-title" data-testid="leaked-pairs">
      <h2 id="leaks-title">
        To learn from and to check with <span className="muted numbers">{formatCount(count)}</span>
      </h2>
      <p className="muted">
        Each picture to check with, and to its right the one to learn from that it repeats.
        {shown < count ? ` The first ${formatCount(shown)} of ${formatCount(count)} pairs.` : ''}
      </p>
      <PictureGrid pictures={tiles} label="Pairs of pictures to check with and to learn from" isPaired />
    </section>
  );
});

/** Two tiles for each pair. */
function toTiles(dataset: DatasetSummary): readonly GridPicture[] {
  const { leaks } = dataset;
  if (!leaks) return [];
  const pairs = [
    ...leaks.exact.pairs.map((pair) => ({ pair, how: 'same bytes' })),
    ...leaks.near.pairs.map((pair) => ({ pair, how: 'looks the same' })),
  ];
  return pairs.flatMap(({ pair, how }, place) => [
    toTile(dataset, pair, 'validId', 2 * place, `valid, ${how}`),
    toTile(dataset, pair, 'trainId', 2 * place + 1, 'train'),
  ]);
}

/** @param id of the tile: a picture to learn from may be in several pairs. */
function toTile(
  dataset: DatasetSummary,
  pair: LeakedPair,
  side: keyof LeakedPair,
  id: number,
  role: string,
): GridPicture {
  const picture = dataset.pictures[pair[side]];
  const labels = picture ? nameLabels(picture, dataset, 'unlabelled') : '';
  return { id, path: picture?.path ?? '', captions: [role, labels] };
}
