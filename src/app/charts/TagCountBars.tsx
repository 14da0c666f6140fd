// How many pictures have no tag, one tag, two and so on, as bars.

import { memo, useMemo } from 'react';
import type { PictureSummary } from '../../protocol/dataset.ts';
import { formatCount, formatCountOf } from '../ui/formatNumbers.ts';
import { countTagsPerPicture } from './datasetQueries.ts';

export const TagCountBars = memo(function TagCountBars({ pictures }: { pictures: readonly PictureSummary[] }) {
  const counts = useMemo(() => countTagsPerPicture(pictures), [pictures]);
  const largest = Math.max(1, ...counts);
  return (
    <ul className="tagCounts numbers" data-testid="tag-counts">
      {counts.map((count, tagCount) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a bar is its number of tags.
        <li key={tagCount}>
          <span>{tagCount === 0 ? 'no tag' : formatCountOf(tagCount, 'tag')}</span>
          <span className="tagCountBar" style={{ width: `${(count / largest) * 100}%` }} />
          <span>
            {formatCount(count)}
            <span className="visuallyHidden"> {count === 1 ? 'picture' : 'pictures'}</span>
          </span>
        </li>
      ))}
    </ul>
  );
});
