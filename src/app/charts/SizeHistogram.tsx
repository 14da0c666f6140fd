// Widths and heights of the pictures in shared bins, drawn as paired bars.

import { memo, useMemo } from 'react';
import type { PictureSummary } from '../../protocol/dataset.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import { sizeHistogram } from './datasetQueries.ts';

const sides = ['widths', 'heights'] as const;

export const SizeHistogram = memo(function SizeHistogram({ pictures }: { pictures: readonly PictureSummary[] }) {
  const bins = useMemo(() => sizeHistogram(pictures), [pictures]);
  const last = bins.at(-1);
  if (!last) return <p className="muted">No pictures.</p>;
  return (
    <div className="histograms">
      {sides.map((side) => {
        const highest = Math.max(1, ...bins.map((bin) => bin[side]));
        return (
          <figure key={side} className="histogram">
            <figcaption>
              {side === 'widths' ? 'Width' : 'Height'}{' '}
              <span className="muted numbers">up to {formatCount(highest)} pictures a bar</span>
            </figcaption>
            <div className="histogramBars" role="img" aria-label={describeHistogram(side, bins)}>
              {bins.map((bin) => (
                <span key={bin.fromPx} title={`${bin.fromPx}–${bin.toPx - 1} px: ${formatCount(bin[side])}`}>
                  <span style={{ height: `${(bin[side] / highest) * 100}%` }} data-empty={bin[side] === 0} />
                </span>
              ))}
            </div>
            <p className="histogramAxis numbers muted">
              <span>{bins[0]?.fromPx} px</span>
              <span>{last.toPx} px</span>
            </p>
          </figure>
        );
      })}
    </div>
  );
});

function describeHistogram(side: (typeof sides)[number], bins: ReturnType<typeof sizeHistogram>): string {
  const parts = bins.filter((bin) => bin[side] > 0).map((bin) => `${bin.fromPx} to ${bin.toPx - 1} px: ${bin[side]}`);
  return `${side === 'widths' ? 'Widths' : 'Heights'} of the pictures. ${parts.join('; ')}`;
}
