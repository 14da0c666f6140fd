// Counts per class and split as bars; a bar is a button that shows its pictures.

import { memo } from 'react';
import type { ClassCounts } from '../../protocol/dataset.ts';
import { downloadBlob } from '../ui/download.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import { classCountsCsv, splits, splitTotals } from './datasetQueries.ts';

interface ClassCountBarsProps {
  readonly counts: readonly ClassCounts[];
  readonly selected: number | null;
  readonly onSelect: (classIndex: number | null) => void;
}

export const ClassCountBars = memo(function ClassCountBars({ counts, selected, onSelect }: ClassCountBarsProps) {
  const largest = Math.max(1, ...counts.map((row) => row.train + row.valid + row.test));
  const totals = splitTotals(counts);
  const shownSplits = splits.filter((split) => totals[split] > 0);
  return (
    <div className="classBars">
      <ul>
        {counts.map((row, index) => (
          <li key={row.className}>
            <button
              type="button"
              aria-pressed={selected === index}
              onClick={() => onSelect(selected === index ? null : index)}
            >
              <span className="classBarName">{row.className}</span>
              <span className="classBar">
                {shownSplits.map((split) => (
                  <span key={split} data-split={split} style={{ width: `${(row[split] / largest) * 100}%` }} />
                ))}
              </span>
              <span className="classBarCounts numbers">
                {shownSplits.map((split) => (
                  <span key={split} className={`${split}Text`}>
                    {formatCount(row[split])}
                    <span className="visuallyHidden"> {split}</span>
                  </span>
                ))}
              </span>
            </button>
          </li>
        ))}
      </ul>
      <p className="barKey">
        {shownSplits.map((split) => (
          <span key={split} className={`${split}Text`}>
            <span className="keyMark" data-split={split} aria-hidden="true" />
            {split} {formatCount(totals[split])}
          </span>
        ))}
        <button
          type="button"
          className="quiet"
          onClick={() => downloadBlob(new Blob([classCountsCsv(counts)], { type: 'text/csv' }), 'class-counts.csv')}
        >
          CSV
        </button>
      </p>
    </div>
  );
});
