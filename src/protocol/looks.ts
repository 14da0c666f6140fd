// How pictures are looked at: how they become squares, and a picture as the network would see it.

/**
 * What of a picture a network sees, and how that becomes a square. centreSquare: the largest square in its middle. squashed: all of it,
 * its longer side made as short as the other.
 */
export type SquareRule = 'centreSquare' | 'squashed';

/** One picture, plainly and changed, as the step's pictures are seen. */
export interface AugmentationPreview {
  readonly pictureId: number;
  /** Side of each look. */
  readonly sizePx: number;
  readonly square: SquareRule;
  /** [sizePx, sizePx, 4], red green blue and opaque: as validation sees it. */
  readonly plain: Uint8ClampedArray<ArrayBuffer>;
  /** As training sees it, in the order in which they were drawn. */
  readonly looks: readonly Uint8ClampedArray<ArrayBuffer>[];
}

/** A whole picture, decoded and scaled by the engine. */
export interface ShownPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** [height, width, 4], red green blue and opaque. */
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}
