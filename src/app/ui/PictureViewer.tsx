// One picture, large and uncropped, over the page, with what the network sees of it drawn on it; arrow keys (or J and K) go on, Escape closes.

import { type KeyboardEvent, useEffect, useRef } from 'react';
import { lastOf, useEventLog } from '../store/eventLog.ts';
import { useStudio } from '../store/studio.ts';
import { formatCount } from './formatNumbers.ts';
import type { GridPicture } from './gridPicture.ts';
import { describeSeenPart, SeenPicture } from './SeenPicture.tsx';
import { showText } from './showText.ts';

interface PictureViewerProps {
  readonly pictures: readonly GridPicture[];
  readonly index: number;
  readonly onMove: (index: number) => void;
  readonly onClose: () => void;
}

export function PictureViewer({ pictures, index, onMove, onClose }: PictureViewerProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  const picture = pictures[index];
  const square = useEventLog((log) => lastOf(log.networkInputs)?.square ?? null);
  const size = useStudio(({ dataset }) => dataset?.pictures.find(({ path }) => path === picture?.path));
  if (!picture) return null;
  const seenPart = size && square && describeSeenPart(size, square);

  function onKeyDown(event: KeyboardEvent) {
    const isNext = event.key === 'ArrowRight' || event.key === 'j';
    const isPrevious = event.key === 'ArrowLeft' || event.key === 'k';
    if (!isNext && !isPrevious) return;
    event.preventDefault();
    onMove(Math.min(pictures.length - 1, Math.max(0, index + (isNext ? 1 : -1))));
  }

  return (
    <dialog
      ref={dialog}
      className="viewer"
      aria-label={picture.captions[0] ?? 'Picture'}
      onClose={onClose}
      onKeyDown={onKeyDown}
    >
      <div className="viewerPicture">
        <SeenPicture
          key={picture.path}
          path={picture.path}
          description={picture.captions.join(', ')}
          size={size ?? null}
          square={square}
        />
      </div>
      <div className="viewerFoot">
        <p>
          {picture.captions.map((caption) => (
            <span key={caption} className="viewerLine">
              {showText(caption)}
            </span>
          ))}
          <span className="viewerLine muted">{showText(picture.path)}</span>
          {seenPart && <span className="viewerLine muted">{seenPart}</span>}
        </p>
        <p className="muted numbers">
          {formatCount(index + 1)} of {formatCount(pictures.length)}
        </p>
        <button type="button" className="secondary" onClick={() => dialog.current?.close()}>
          Close
        </button>
      </div>
    </dialog>
  );
}
