// The rows of a long list that are on screen, so that ten thousand classes cost no more than what is seen. Short lists are drawn whole:
// the page's own search and a screen reader's list of rows then find everything.

import { useVirtualizer } from '@tanstack/react-virtual';
import type { RefObject } from 'react';

const drawnWholeUpTo = 100;

export interface VirtualRows {
  readonly indices: readonly number[];
  /** Room that rows above and below take, 0 where all are drawn. */
  readonly beforePx: number;
  readonly afterPx: number;
  /** For each row's element. */
  readonly rowProps: (index: number) => RowProps;
}

export interface RowProps {
  readonly ref?: (element: Element | null) => void;
  readonly 'data-index'?: number;
  readonly 'aria-setsize'?: number;
  readonly 'aria-posinset'?: number;
}

export function useVirtualRows(
  scroller: RefObject<HTMLElement | null>,
  count: number,
  estimatedRowPx: number,
): VirtualRows {
  const isWhole = count <= drawnWholeUpTo;
  const virtualizer = useVirtualizer({
    count,
    enabled: !isWhole,
    getScrollElement: () => scroller.current,
    estimateSize: () => estimatedRowPx,
    overscan: 8,
  });
  if (isWhole) {
    return {
      indices: Array.from({ length: count }, (_, index) => index),
      beforePx: 0,
      afterPx: 0,
      rowProps: () => ({}),
    };
  }
  const items = virtualizer.getVirtualItems();
  return {
    indices: items.map(({ index }) => index),
    beforePx: items[0]?.start ?? 0,
    afterPx: virtualizer.getTotalSize() - (items.at(-1)?.end ?? 0),
    rowProps: (index) => ({
      ref: virtualizer.measureElement,
      'data-index': index,
      'aria-setsize': count,
      'aria-posinset': index + 1,
    }),
  };
}
