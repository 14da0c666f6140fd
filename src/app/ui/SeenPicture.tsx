// A picture, uncropped, with the square that the network sees of it drawn on it.

import type { CSSProperties } from 'react';
import type { SquareRule } from '../../protocol/looks.ts';
import { useStudio } from '../store/studio.ts';
import { PictureImage } from './PictureImage.tsx';

interface UprightSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

interface SeenPictureProps {
  readonly path: string;
  readonly description: string;
  /** Null where the data set does not say. */
  readonly size: UprightSize | null;
  /** Null while no network is chosen. */
  readonly square: SquareRule | null;
}

export function SeenPicture({ path, description, size, square }: SeenPictureProps) {
  const isHere = useStudio((studio) => studio.files.has(path));
  if (!size || !isHere) return <PictureImage path={path} description={description} />;
  // Custom properties are not in React's type for styles.
  const sizeStyle = { '--widthPx': size.widthPx, '--heightPx': size.heightPx } as CSSProperties;
  const inset = square && insetOfSeenPart(size, square);
  return (
    <div className="seenPicture" style={sizeStyle}>
      <PictureImage path={path} description={description} />
      {inset && <span className="seenSquare" data-testid="seen-square" style={inset} />}
    </div>
  );
}

/** How far the square lies inside the picture, of its sides; null where all of it is seen. */
export function insetOfSeenPart(
  { widthPx, heightPx }: UprightSize,
  square: SquareRule,
): { readonly insetInline: string; readonly insetBlock: string } | null {
  if (square === 'squashed' || widthPx === heightPx) return null;
  const sidePx = Math.min(widthPx, heightPx);
  const share = (side: number) => `${(100 * (side - sidePx)) / (2 * side)}%`;
  return { insetInline: share(widthPx), insetBlock: share(heightPx) };
}

export function describeSeenPart(size: UprightSize, square: SquareRule): string {
  if (size.widthPx === size.heightPx) return 'The network sees all of it.';
  return square === 'squashed'
    ? 'The network sees all of it, squashed to a square.'
    : 'The network sees the square in its middle. While it trains on changing pictures it sees other parts too.';
}
