import { expect, test } from 'vitest';
import type { SetAsideFile, SetAsideReason } from '../../protocol/dataset.ts';
import { findShowable } from './findShowable.ts';

/** The first bytes of a PNG, up to the size that it claims. */
function pngOf(widthPx: number, heightPx: number): Blob {
  const bytes = new Uint8Array(33);
  bytes.set([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13, 0x49, 0x48, 0x44, 0x52]);
  new DataView(bytes.buffer).setUint32(16, widthPx);
  new DataView(bytes.buffer).setUint32(20, heightPx);
  return new Blob([bytes]);
}

const aside = (path: string, reason: SetAsideReason): SetAsideFile => ({ path, reason, sentence: '' });

test('a picture without a class can be shown; what is no picture, claims gigapixels or was too large cannot', async () => {
  const unreadable = Object.assign(new Blob(['x']), {
    slice: () => ({ arrayBuffer: () => Promise.reject(new Error('moved')) }),
  });
  const files = {
    'loose.png': pngOf(400, 300),
    'bomb.png': pngOf(65_535, 65_535),
    'notes.txt': new Blob(['notes']),
    'moved.png': unreadable as unknown as Blob,
    'large.png': pngOf(400, 300),
  };
  const setAside = Object.keys(files).map((path) => aside(path, path === 'large.png' ? 'tooLarge' : 'noClass'));
  const found = await findShowable(
    setAside,
    Object.entries(files).map(([path, file]) => ({ path, file })),
  );
  expect(found.map(({ path }) => path)).toEqual(Object.keys(files));
  expect(found.filter(({ isShowable }) => isShowable).map(({ path }) => path)).toEqual(['loose.png']);
});
