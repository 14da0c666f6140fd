// A picture that the browser does not show itself, as the studio decodes it: what a person sees is what is learnt from.

import type { ShownPicture } from '../../protocol/looks.ts';
import type { PictureDecoder } from '../platform/ports.ts';

/** Throws EngineError 'pictureUnreadable' or 'pictureUnsupported'. */
export async function showPicture(file: Blob, sizePx: number, decoder: PictureDecoder): Promise<ShownPicture> {
  const { widthPx, heightPx, rgb } = await decoder.decodeWhole(file, sizePx);
  const rgba = new Uint8ClampedArray(widthPx * heightPx * 4).fill(255);
  for (let pixel = 0; pixel < widthPx * heightPx; pixel++) {
    for (let channel = 0; channel < 3; channel++) rgba[pixel * 4 + channel] = rgb[pixel * 3 + channel] as number;
  }
  return { widthPx, heightPx, rgba };
}
