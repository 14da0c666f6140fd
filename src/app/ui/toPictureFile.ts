// Pixels from the engine as a file that an <img> shows.

import type { ShownPicture } from '../../protocol/looks.ts';

export async function toPictureFile({ widthPx, heightPx, rgba }: ShownPicture): Promise<Blob | null> {
  const canvas = new OffscreenCanvas(widthPx, heightPx);
  const context = canvas.getContext('2d');
  if (!context) return null;
  context.putImageData(new ImageData(rgba, widthPx, heightPx), 0, 0);
  return await canvas.convertToBlob();
}
