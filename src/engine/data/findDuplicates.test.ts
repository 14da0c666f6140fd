import { describe, expect, test } from 'vitest';
import type { Split } from '../../protocol/dataset.ts';
import { createRandom } from '../random.ts';
import { type RgbaPixels, resizeToGlance } from './areaResize.ts';
import { findLeaks, type PictureTraits } from './findDuplicates.ts';
import { compareLooks, type Look, readLook } from './look.ts';

/** A landscape of waves that differ from seed to seed; `noise` and `light` are what saving anew and an edit do to it. */
function paint(seed: number, { widthPx = 90, heightPx = 64, noise = 0, light = 0 } = {}): RgbaPixels {
  const random = createRandom(seed, 'waves');
  const waves = Array.from({ length: 6 }, () => [random.uniform(), random.uniform(), random.uniform()] as const);
  const grain = createRandom(seed, 'grain');
  const data = new Uint8ClampedArray(widthPx * heightPx * 4);
  for (let at = 0; at < data.length; at += 4) {
    const [x, y] = [((at / 4) % widthPx) / widthPx, Math.floor(at / 4 / widthPx) / heightPx];
    let value = 128 + light;
    for (const [across, down, phase] of waves) value += 24 * Math.sin(9 * across * x + 9 * down * y + 6.3 * phase);
    data.set(
      [value, value * 0.8, 255 - value, 255].map((one) => one + noise * (grain.uniform() - 0.5)),
      at,
    );
    data[at + 3] = 255;
  }
  return { widthPx, heightPx, data };
}

const lookAt = (pixels: RgbaPixels) => readLook(resizeToGlance(pixels)) as Look;
const traits = (look: Look | null, contentHash: string | null = null): PictureTraits => ({ look, contentHash });

describe('a look', () => {
  test('is the same for a picture that was scaled and saved anew', () => {
    const look = lookAt(paint(1));
    expect(compareLooks(look, look)).toBe(0);
    expect(compareLooks(look, lookAt(paint(1, { widthPx: 300, heightPx: 200, noise: 30 })))).toBeLessThan(4);
  });

  test('is another one for other pictures', () => {
    const looks = Array.from({ length: 60 }, (_, seed) => lookAt(paint(seed)));
    const pairs = looks.flatMap((a, at) => looks.slice(at + 1).filter((b) => compareLooks(a, b) !== null));
    expect(pairs).toEqual([]);
  });

  test('is not read of a blank picture: all of them would be alike', () => {
    const blank = { widthPx: 20, heightPx: 20, data: new Uint8ClampedArray(1600).fill(250) };
    expect(readLook(resizeToGlance(blank))).toBeNull();
  });
});

describe('pictures that are in train and in valid', () => {
  const splits: readonly Split[] = ['train', 'train', 'valid', 'valid', 'test'];

  test('are found by their bytes, once for each validation picture', () => {
    const all = [null, 'a', 'a', 'b', 'a'].map((hash) => traits(null, hash));
    expect(findLeaks(all, splits).exact).toEqual({ count: 1, pairs: [{ trainId: 1, validId: 2 }] });
    expect(findLeaks([traits(null, 'a'), traits(null, 'a')], ['train', 'train']).exact.count).toBe(0);
  });

  test('are found by their look where the bytes differ, with the nearest twin', () => {
    const looks = [
      lookAt(paint(2, { noise: 25 })),
      lookAt(paint(2)),
      lookAt(paint(2, { widthPx: 180, heightPx: 128 })),
      lookAt(paint(3)),
      lookAt(paint(2)),
    ];
    const leaks = findLeaks(
      looks.map((look) => traits(look)),
      splits,
    );
    expect(leaks.near).toEqual({ count: 1, pairs: [{ trainId: 1, validId: 2 }] });
    expect(leaks.exact.count).toBe(0);
  });

  test('are not counted as nearly the same where they are the very same', () => {
    const look = lookAt(paint(4));
    const leaks = findLeaks([traits(look, 'a'), traits(look, 'a')], ['train', 'valid']);
    expect([leaks.exact.count, leaks.near.count]).toEqual([1, 0]);
  });

  test('are all counted, and as many listed as can be looked at', () => {
    const all = Array.from({ length: 1000 }, (_, id) => traits(null, String(id % 500)));
    const { exact } = findLeaks(
      all,
      all.map((_, id) => (id < 500 ? 'train' : 'valid')),
    );
    expect([exact.count, exact.pairs.length]).toEqual([500, 200]);
  });

  test('with up to four bits between them share a band, wherever the bits are', () => {
    const look = lookAt(paint(5));
    const random = createRandom(1, 'bits');
    for (let round = 0; round < 300; round++) {
      const bands = look.bands.slice();
      for (let bit = 0; bit < 4; bit++) {
        const at = Math.floor(random.uniform() * 64);
        bands[Math.floor(at / 13)] = (bands[Math.floor(at / 13)] as number) ^ (1 << (at % 13));
      }
      const leaks = findLeaks([traits(look), traits({ ...look, bands })], ['train', 'valid']);
      expect(leaks.near.count).toBe(1);
    }
  });

  test('are looked for among 100,000 pictures within seconds, even where most look alike', () => {
    const looks = Array.from({ length: 50 }, (_, seed) => lookAt(paint(seed)));
    const glance = new Uint8Array(216);
    const random = createRandom(7, 'many');
    const all = Array.from({ length: 100_000 }, (_, id) => {
      if (id % 2 === 0) return traits(looks[id % 50] as Look);
      const bands = Uint16Array.from({ length: 5 }, () => Math.floor(random.uniform() * 8192));
      return traits({ bands, glance });
    });
    const startedMs = performance.now();
    findLeaks(
      all,
      all.map((_, id) => (id % 5 === 0 ? 'valid' : 'train')),
    );
    expect(performance.now() - startedMs).toBeLessThan(5000);
  });
});
