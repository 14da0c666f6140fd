import { expect, test } from 'vitest';
import { createMemoryDecoder, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { showPicture } from './showPicture.ts';

test('a picture is shown whole, with its shorter side at the size that was asked for, and opaque', async () => {
  const file = makePictureFile({ widthPx: 60, heightPx: 40, rgb: [10, 20, 30] });
  const shown = await showPicture(file, 20, createMemoryDecoder());
  expect({ widthPx: shown.widthPx, heightPx: shown.heightPx }).toEqual({ widthPx: 30, heightPx: 20 });
  expect(shown.rgba.length).toBe(30 * 20 * 4);
  expect([...shown.rgba.subarray(-4)]).toEqual([10, 20, 30, 255]);
});

test('one that cannot be opened is refused in a sentence', async () => {
  await expect(showPicture(new Blob(['none']), 20, createMemoryDecoder())).rejects.toMatchObject({
    code: 'pictureUnreadable',
  });
});
