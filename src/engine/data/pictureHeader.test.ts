// 940 headers and starts of files: what a picture claims is read without being believed, and nothing here throws.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { createMemoryDecoder, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { isTruncated } from './findTruncation.ts';
import { readHeaderSize } from './pictureHeader.ts';
import { MAX_PICTURE_PIXELS, readPictures } from './readPictures.ts';
import { type PictureFormat, sniffPicture } from './sniffPicture.ts';

const text = (letters: string) => [...letters].map((letter) => letter.charCodeAt(0));
const big = (value: number, byteCount: number) =>
  Array.from({ length: byteCount }, (_, at) => Math.floor(value / 256 ** (byteCount - 1 - at)) % 256);
const little = (value: number, byteCount: number) => big(value, byteCount).reverse();

/** The start of a file of each format that says this size, as the format's own specification has it. */
const headers: Readonly<Record<string, (width: number, height: number) => number[]>> = {
  png: (width, height) => [
    ...text('\x89PNG\r\n\x1a\n'),
    ...big(13, 4),
    ...text('IHDR'),
    ...big(width, 4),
    ...big(height, 4),
  ],
  gif: (width, height) => [...text('GIF89a'), ...little(width, 2), ...little(height, 2)],
  bmp: (width, height) => [
    ...text('BM'),
    ...big(0, 12),
    ...little(40, 4),
    ...little(width, 4),
    ...little(2 ** 32 - height, 4),
  ],
  'bmp of OS/2': (width, height) => [
    ...text('BM'),
    ...big(0, 12),
    ...little(12, 4),
    ...little(width, 2),
    ...little(height, 2),
  ],
  'webp with extras': (width, height) => [
    ...text('RIFF\0\0\0\0WEBPVP8X'),
    ...little(10, 4),
    ...big(0, 4),
    ...little(width - 1, 3),
    ...little(height - 1, 3),
  ],
  'webp lossy': (width, height) => [
    ...text('RIFF\0\0\0\0WEBPVP8 '),
    ...big(0, 7),
    0x9d,
    0x01,
    0x2a,
    ...little(width, 2),
    ...little(height, 2),
  ],
  'webp lossless': (width, height) => [
    ...text('RIFF\0\0\0\0WEBPVP8L'),
    ...big(0, 4),
    0x2f,
    ...little(width - 1 + (height - 1) * 2 ** 14, 4),
  ],
  jpeg: (width, height) => [
    0xff,
    0xd8,
    0xff,
    0xe0,
    0,
    4,
    0,
    0,
    0xff,
    0xc2,
    0,
    11,
    8,
    ...big(height, 2),
    ...big(width, 2),
    1,
    1,
    0x11,
    0,
  ],
  avif: (width, height) => [
    ...big(20, 4),
    ...text('ftypavif'),
    ...big(0, 8),
    ...big(20, 4),
    ...text('ispe'),
    ...big(0, 4),
    ...big(width, 4),
    ...big(height, 4),
  ],
  'tiff of a PC': (width, height) => [
    ...text('II*\0'),
    ...little(8, 4),
    ...little(2, 2),
    ...[...little(256, 2), ...little(3, 2), ...little(1, 4), ...little(width, 4)],
    ...[...little(257, 2), ...little(4, 2), ...little(1, 4), ...little(height, 4)],
  ],
  'tiff of a workstation': (width, height) => [
    ...text('MM\0*'),
    ...big(8, 4),
    ...big(2, 2),
    ...[...big(256, 2), ...big(4, 2), ...big(1, 4), ...big(width, 4)],
    ...[...big(257, 2), ...big(3, 2), ...big(1, 4), ...big(height, 2), ...big(0, 2)],
  ],
};

function readClaim(bytes: Uint8Array) {
  const format = sniffPicture(bytes);
  return format && readHeaderSize(format, bytes);
}

describe('a picture’s header', () => {
  test.each(Object.entries(headers))('of %s says its size', (_, write) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 16_383 }), fc.integer({ min: 1, max: 16_383 }), (widthPx, heightPx) => {
        expect(readClaim(Uint8Array.from(write(widthPx, heightPx)))).toEqual({ widthPx, heightPx });
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ['alpha.png', 32, 24],
    ['animated.gif', 24, 16],
    ['tiled.tif', 32, 24],
  ])('of the real %s is read', (name) => {
    const claim = readClaim(readFileSync(`fixtures/images/${name}`));
    const expected = JSON.parse(readFileSync('fixtures/images/expected.json', 'utf8'))[name];
    expect(claim).toEqual({ widthPx: expected.widthPx, heightPx: expected.heightPx });
  });

  it('of a JPEG counts before it is turned upright, and the largest claim counts', () => {
    expect(readClaim(readFileSync('fixtures/images/grey.jpg'))).not.toBeNull();
    const twice = [...(headers.jpeg?.(10, 10) ?? []), ...(headers.jpeg?.(60_000, 60_000) ?? []).slice(2)];
    expect(readClaim(Uint8Array.from(twice))).toEqual({ widthPx: 60_000, heightPx: 60_000 });
  });

  it('of any bytes at all gives a size or none, and never a fault', () => {
    const formats: PictureFormat[] = ['jpeg', 'png', 'gif', 'webp', 'bmp', 'avif', 'heic', 'tiff'];
    const starts = Object.values(headers).map((write) => write(100, 100));
    fc.assert(
      fc.property(fc.constantFrom(...starts), fc.uint8Array({ maxLength: 400 }), fc.nat(40), (start, rest, kept) => {
        const bytes = Uint8Array.from([...start.slice(0, kept), ...rest]);
        for (const format of formats) {
          const size = readHeaderSize(format, bytes);
          if (size) expect(size.widthPx >= 0 && size.heightPx >= 0).toBe(true);
          expect(typeof isTruncated(format, bytes)).toBe('boolean');
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('a folder with pictures that claim more than any camera', () => {
  const entryOf = (path: string, file: Blob) => ({ path, file, split: null, classNames: ['a'] });

  it('sets them aside with their reason, unopened, and opens the rest', async () => {
    const decoder = createMemoryDecoder();
    let measured = 0;
    const counting = {
      ...decoder,
      measure(file: Blob) {
        measured += 1;
        return decoder.measure(file);
      },
    };
    const claims = Object.entries(headers).filter(([name]) => !/lossy|lossless|avif/.test(name));
    const entries = [
      ...claims.map(([name, write]) =>
        entryOf(`${name}.x`, new Blob([Uint8Array.from([...write(65_535, 65_535), ...text('IEND\xff\xda\xff\xd9')])])),
      ),
      entryOf('good.png', makePictureFile({ widthPx: 5, heightPx: 4, rgb: [1, 2, 3] })),
    ];
    const { pictures, setAside } = await readPictures(entries, counting, { aborted: false }, () => {});
    expect(pictures.map(({ path }) => path)).toEqual(['good.png']);
    expect(measured).toBe(1);
    expect(setAside.map(({ reason }) => reason)).toEqual(claims.map(() => 'tooLarge'));
    expect(setAside[0]?.sentence).toBe(
      'The picture says that it is 65535 × 65535 pixels, which is 4,295 megapixels; up to 268 can be opened. Save it smaller.',
    );
  });

  it('believes no decoder either', async () => {
    const huge = makePictureFile({ widthPx: MAX_PICTURE_PIXELS, heightPx: 2, rgb: [1, 2, 3] });
    const { setAside } = await readPictures(
      [entryOf('a.png', huge)],
      createMemoryDecoder(),
      { aborted: false },
      () => {},
    );
    expect(setAside[0]?.reason).toBe('tooLarge');
  });

  it('does not read a file larger than any picture', async () => {
    const file = { size: 6e9, arrayBuffer: () => Promise.reject(new Error('read')) } as unknown as Blob;
    const { setAside } = await readPictures(
      [entryOf('a.png', file)],
      createMemoryDecoder(),
      { aborted: false },
      () => {},
    );
    expect(setAside[0]?.sentence).toContain('larger than 512 MB');
  });
});
