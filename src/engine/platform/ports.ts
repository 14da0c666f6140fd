// What the engine needs from outside. Browser and memory implement these; the engine never asks for more.

import type { BackboneDescription } from '../../protocol/catalog.ts';

/** A decoded picture, upright (EXIF applied), alpha flattened on white, resized. */
export interface DecodedPicture {
  /** Original size, upright. */
  readonly originalWidthPx: number;
  readonly originalHeightPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** [height, width, 3], red green blue, 0..255. */
  readonly rgb: Uint8Array;
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface PictureDecoder {
  /** How many pictures may usefully be decoded at the same time. */
  readonly concurrency: number;
  /** Decodes the whole picture and reports its upright size. Throws EngineError 'pictureUnreadable'. */
  measure(file: Blob): Promise<PictureSize>;
  /**
   * Shorter side scaled to `sizePx` (box average), then the centre square: the lesson's validation transform.
   * Throws EngineError 'pictureUnreadable'.
   */
  decodeCentreSquare(file: Blob, sizePx: number): Promise<DecodedPicture>;
  /**
   * The whole picture, its shorter side scaled to `sizePx` (box average): what changing looks are taken of.
   * Throws EngineError 'pictureUnreadable'.
   */
  decodeWhole(file: Blob, sizePx: number): Promise<DecodedPicture>;
  /** The whole picture squashed to a square of `sizePx` (box average). Throws EngineError 'pictureUnreadable'. */
  decodeSquashed(file: Blob, sizePx: number): Promise<DecodedPicture>;
}

/** The card beside a weights file, as far as the engine uses it. */
export interface WeightsCard {
  readonly id: string;
  readonly label: string;
  readonly architecture: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly parameterCount: { readonly body: number; readonly withClassifier: number };
  readonly imageSizePx: number;
  readonly preprocessing: { readonly mean: readonly number[]; readonly std: readonly number[] };
  readonly publishedTop1: number;
  readonly licence: string;
  readonly source: { readonly package: string; readonly version: string };
}

export interface WeightsSource {
  /** The card of a weights file. Throws EngineError 'weightsUnavailable'. */
  readCard(id: string): Promise<WeightsCard>;
  /** The safetensors bytes. Throws EngineError 'weightsUnavailable'. */
  readWeights(id: string): Promise<Uint8Array<ArrayBuffer>>;
}

export interface Clock {
  /** Milliseconds since some fixed moment. */
  nowMs(): number;
}

export interface Platform {
  readonly decoder: PictureDecoder;
  readonly weights: WeightsSource;
  readonly clock: Clock;
}

/** The catalogue's line for a weights file. */
export function describeBackbone(card: WeightsCard): BackboneDescription {
  return {
    id: card.id,
    label: card.label,
    parameterCount: card.parameterCount.body,
    downloadBytes: card.sizeBytes,
    publishedTop1: card.publishedTop1,
    imageSizePx: card.imageSizePx,
    licence: card.licence,
    source: `${card.source.package} ${card.source.version}`,
  };
}
