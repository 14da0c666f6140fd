// Counts per class or tag and split as bars, by name or the most pictures first; a bar is a button that shows its pictures.

import { memo, useMemo, useRef, useState } from 'react';
import type { ClassCounts, Split } from '../../protocol/dataset.ts';
import { downloadBlob } from '../ui/download.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import { showText } from '../ui/showText.ts';
import { useVirtualRows } from '../ui/useVirtualRows.ts';
import { type CountOrder, classCountsCsv, orderCounts, splits } from './datasetQueries.ts';

interface ClassCountBarsProps {
  readonly counts: readonly ClassCounts[];
  readonly selected: number | null;
  readonly onSelect: (classIndex: number | null) => void;
  readonly isTags: boolean;
}

const rowPx = 32;

const orders: readonly { readonly order: CountOrder; readonly label: string }[] = [
  { order: 'name', label: 'by name' },
  { order: 'count', label: 'most first' },
];

export const ClassCountBars = memo(function ClassCountBars(props: ClassCountBarsProps) {
  const { counts, selected, onSelect, isTags } = props;
  const [chosen, setChosen] = useState<CountOrder>(isTags ? 'count' : 'name');
  const ordered = useMemo(() => orderCounts(counts, chosen), [counts, chosen]);
  const list = useRef<HTMLUListElement>(null);
  const { indices, beforePx, afterPx, rowProps } = useVirtualRows(list, ordered.length, rowPx);
  const largest = counts.reduce((most, row) => Math.max(most, row.train + row.valid + row.test), 1);
  const labelCount = (split: Split) => counts.reduce((sum, row) => sum + row[split], 0);
  const shownSplits = splits.filter((split) => labelCount(split) > 0);
  return (
    <div className="classBars">
      <ul ref={list}>
        {beforePx > 0 && <li role="presentation" className="unseenRows" style={{ height: beforePx }} />}
        {indices.map((index) => {
          const one = ordered[index];
          if (!one) return null;
          const { row, classIndex } = one;
          return (
            <li key={row.className} {...rowProps(index)}>
              <button
                type="button"
                aria-pressed={selected === classIndex}
                onClick={() => onSelect(selected === classIndex ? null : classIndex)}
              >
                <span className="classBarName">{showText(row.className)}</span>
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
          );
        })}
        {afterPx > 0 && <li role="presentation" className="unseenRows" style={{ height: afterPx }} />}
      </ul>
      <div className="barKey">
        {shownSplits.map((split) => (
          <span key={split} className={`${split}Text`}>
            <span className="keyMark" data-split={split} aria-hidden="true" />
            {split} {formatCount(labelCount(split))}
          </span>
        ))}
        <fieldset className="segments">
          <legend className="visuallyHidden">Order of the {isTags ? 'tags' : 'classes'}</legend>
          {orders.map(({ order, label }) => (
            <button key={order} type="button" aria-pressed={chosen === order} onClick={() => setChosen(order)}>
              {label}
            </button>
          ))}
        </fieldset>
        <button
          type="button"
          className="quiet"
          onClick={() => {
            const csv = classCountsCsv(ordered.map(({ row }) => row));
            downloadBlob(new Blob([csv], { type: 'text/csv' }), 'class-counts.csv');
          }}
        >
          CSV
        </button>
      </div>
    </div>
  );
});
