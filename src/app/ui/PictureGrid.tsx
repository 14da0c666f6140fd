// A virtual grid of pictures, walked with the arrow keys (or J and K); Enter opens a picture large.

import { useVirtualizer } from '@tanstack/react-virtual';
import { type KeyboardEvent, useEffect, useRef, useState } from 'react';
import type { GridPicture } from './gridPicture.ts';
import { PictureImage } from './PictureImage.tsx';
import { PictureViewer } from './PictureViewer.tsx';
import { showText } from './showText.ts';
import { useElementWidth } from './useElementWidth.ts';

const tileWidthPx = 128;
const gapPx = 8;
const pictureHeightPx = 112;
const captionHeightPx = 18;

interface PictureGridProps {
  readonly pictures: readonly GridPicture[];
  readonly label: string;
  /** Lines that a caption may take before it is cut; the large picture has all of it. */
  readonly captionLines?: number;
  /** Two pictures that belong together stay side by side. */
  readonly isPaired?: boolean;
}

export function PictureGrid({ pictures, label, captionLines = 1, isPaired = false }: PictureGridProps) {
  const [ref, widthPx] = useElementWidth<HTMLDivElement>();
  const [focused, setFocused] = useState(0);
  const [viewed, setViewed] = useState<number | null>(null);
  const shouldFocus = useRef(false);
  const fitting = Math.max(2, Math.floor((widthPx + gapPx) / (tileWidthPx + gapPx)));
  const columns = isPaired ? fitting - (fitting % 2) : fitting;
  const captionCount = Math.max(1, ...pictures.slice(0, 1).map((picture) => picture.captions.length));
  const rowHeightPx = pictureHeightPx + captionCount * captionLines * captionHeightPx + 2 * gapPx;
  const virtualizer = useVirtualizer({
    count: Math.ceil(pictures.length / columns),
    getScrollElement: () => ref.current,
    estimateSize: () => rowHeightPx,
    overscan: 1,
  });

  // biome-ignore lint/correctness/useExhaustiveDependencies: another list of pictures starts at its top.
  useEffect(() => {
    setFocused(0);
    ref.current?.scrollTo({ top: 0 });
  }, [pictures]);
  useEffect(() => {
    if (!shouldFocus.current) return;
    shouldFocus.current = false;
    ref.current?.querySelector<HTMLElement>(`[data-index="${focused}"]`)?.focus();
  });

  function moveTo(index: number) {
    const target = Math.min(pictures.length - 1, Math.max(0, index));
    shouldFocus.current = true;
    setFocused(target);
    virtualizer.scrollToIndex(Math.floor(target / columns));
  }
  function onKeyDown(event: KeyboardEvent) {
    const move = stepForKey(event.key, columns);
    if (move === null) return;
    event.preventDefault();
    moveTo(move === 'first' ? 0 : move === 'last' ? pictures.length - 1 : focused + move);
  }

  if (pictures.length === 0) return <p className="muted">No pictures here.</p>;
  return (
    <>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the keys walk the buttons inside. */}
      <div className="gridScroller" ref={ref} onKeyDown={onKeyDown}>
        <ul aria-label={label} style={{ height: virtualizer.getTotalSize() }}>
          {virtualizer.getVirtualItems().map((row) =>
            pictures.slice(row.index * columns, (row.index + 1) * columns).map((picture, column) => {
              const index = row.index * columns + column;
              const style = {
                transform: `translateY(${row.start}px)`,
                insetInlineStart: `calc((100% + ${gapPx}px) / ${columns} * ${column})`,
                width: `calc((100% + ${gapPx}px) / ${columns} - ${gapPx}px)`,
                height: rowHeightPx - gapPx,
              };
              return (
                <li key={picture.id} style={style}>
                  <button
                    type="button"
                    className="tile"
                    data-index={index}
                    tabIndex={index === focused ? 0 : -1}
                    onFocus={() => setFocused(index)}
                    onClick={() => setViewed(index)}
                  >
                    <span className="tilePicture">
                      <PictureImage path={picture.path} description="" />
                    </span>
                    {picture.captions.map((caption) => (
                      <span key={caption} className="tileCaption" data-lines={captionLines}>
                        {showText(caption)}
                      </span>
                    ))}
                  </button>
                </li>
              );
            }),
          )}
        </ul>
      </div>
      {viewed !== null && (
        <PictureViewer
          pictures={pictures}
          index={viewed}
          onMove={setViewed}
          onClose={() => {
            setViewed(null);
            moveTo(viewed);
          }}
        />
      )}
    </>
  );
}

/** How far a key moves in a grid of so many columns; null for every other key. */
export function stepForKey(key: string, columns: number): number | 'first' | 'last' | null {
  const steps: Readonly<Record<string, number | 'first' | 'last'>> = {
    ArrowRight: 1,
    ArrowLeft: -1,
    ArrowDown: columns,
    ArrowUp: -columns,
    j: 1,
    k: -1,
    Home: 'first',
    End: 'last',
  };
  return steps[key] ?? null;
}
