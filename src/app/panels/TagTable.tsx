// Tag by tag: its threshold, how many of its pictures were given it, and how much it is worth where it was given.

import { memo, useMemo, useState } from 'react';
import type { TagReport } from '../../protocol/training.ts';
import { orderTags, type TagOrder, type TagResult } from '../charts/tagQueries.ts';
import { formatCount, formatPercent, formatShare, formatThreshold } from '../ui/formatNumbers.ts';

const orders: readonly { readonly order: TagOrder; readonly label: string }[] = [
  { order: 'name', label: 'by name' },
  { order: 'count', label: 'most pictures' },
  { order: 'f2', label: 'lowest F2' },
];

export const TagTable = memo(function TagTable({ result }: { result: TagResult }) {
  const [chosen, setChosen] = useState<TagOrder>('count');
  const ordered = useMemo(() => orderTags(result.reports, chosen), [result, chosen]);
  return (
    <section className="block" aria-labelledby="tags-title">
      <div className="blockHead">
        <h2 id="tags-title">Tag by tag</h2>
        <fieldset className="segments">
          <legend className="visuallyHidden">Order of the tags</legend>
          {orders.map(({ order, label }) => (
            <button key={order} type="button" aria-pressed={chosen === order} onClick={() => setChosen(order)}>
              {label}
            </button>
          ))}
        </fieldset>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard. */}
      <section className="tagTableScroller" aria-label="Tag by tag" tabIndex={0}>
        <table className="plainTable numbers" data-testid="tag-table">
          <thead>
            <tr>
              <th scope="col">tag</th>
              <th scope="col">pictures</th>
              <th scope="col">threshold</th>
              <th scope="col">precision</th>
              <th scope="col">recall</th>
              <th scope="col">F2</th>
            </tr>
          </thead>
          <tbody>
            {ordered.map(({ report, tagIndex }) => (
              <tr key={tagIndex}>
                <th scope="row">{result.classes[tagIndex]}</th>
                <td>{formatCount(report.support)}</td>
                <Worth report={report} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p className="muted tableNote">
        Each tag at the threshold of its own that gives it the largest F2. Precision: of the pictures given the tag, how
        many have it. Recall: of those that have it, how many were given it. A dash: no validation picture has the tag.
      </p>
    </section>
  );
});

function Worth({ report: { support, threshold, precision, recall, f2 } }: { report: TagReport }) {
  if (support === 0) {
    return (
      <>
        <td>{formatThreshold(threshold)}</td>
        <td>–</td>
        <td>–</td>
        <td>–</td>
      </>
    );
  }
  return (
    <>
      <td>{formatThreshold(threshold)}</td>
      <td>{formatPercent(precision)}</td>
      <td>{formatPercent(recall)}</td>
      <td>{formatShare(f2)}</td>
    </>
  );
}
