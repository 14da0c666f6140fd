// What tags were worth in three numbers, each with how it was made and how far it can be trusted.

import type { TagResult } from '../charts/tagQueries.ts';
import { formatCountOf, formatPercent, formatShare, formatThreshold } from '../ui/formatNumbers.ts';

export function TagScores({ result }: { result: TagResult }) {
  const { f2, threshold, f2AtClassThresholds, tagAccuracy, count } = result.score;
  return (
    <section className="block" aria-labelledby="tag-scores-title">
      <h2 id="tag-scores-title">How good the tags are</h2>
      <dl className="tagScores numbers" data-testid="tag-scores">
        <div>
          <dt>{formatShare(f2)}</dt>
          <dd>
            F2 with one threshold for all tags, {formatThreshold(threshold)}. It was tuned on these{' '}
            {formatCountOf(count, 'picture')}, so the number flatters a little.
          </dd>
        </div>
        <div>
          <dt>{formatShare(f2AtClassThresholds)}</dt>
          <dd>
            F2 with each tag’s own threshold, listed below. So many thresholds tuned on the same pictures flatter more.
          </dd>
        </div>
        <div>
          <dt>{formatPercent(tagAccuracy)}</dt>
          <dd>
            of all pairs of picture and tag are right at one half. Most pictures lack most tags, so even no tag at all
            scores high here.
          </dd>
        </div>
      </dl>
    </section>
  );
}
