import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { contrastFactor, drawTransform, validationTransform } from './drawTransform.ts';
import { NO_LIGHTING } from './pictureTransform.ts';
import type { AugmentationOptions } from './presets.ts';

const NOTHING: AugmentationOptions = { preset: 'none', maxZoom: 1, crop: 'centre' };

/** Many looks at one picture. */
function drawMany(
  count: number,
  options: AugmentationOptions,
  { picture = { widthPx: 298, heightPx: 224 }, sizePx = 224, random = createRandom(1, 'augment') } = {},
) {
  return Array.from({ length: count }, () => drawTransform(picture, sizePx, options, random));
}

/** A random stream that says what it is told, over and over. */
function fixedRandom(...values: number[]): Random {
  let next = 0;
  const uniform = () => values[next++ % values.length] as number;
  const below = (limit: number) => Math.floor(uniform() * limit);
  return { ...createRandom(1, 'unused'), uniform, below };
}

const share = (looks: readonly unknown[], hits: readonly unknown[]) => hits.length / looks.length;

describe('without a preset and without zoom', () => {
  test('a centred look is the validation look', () => {
    for (const picture of [
      { widthPx: 298, heightPx: 224 },
      { widthPx: 375, heightPx: 500 },
      { widthPx: 50, heightPx: 49 },
    ]) {
      const [look] = drawMany(1, NOTHING, { picture });
      expect(look).toEqual(validationTransform(picture, 224));
    }
    expect(validationTransform({ widthPx: 298, heightPx: 224 }, 224)).toEqual({
      matrix: [1, 0, 37, 0, 1, 0],
      ...NO_LIGHTING,
    });
  });

  test('a random crop takes every offset but the last, which the lesson never draws', () => {
    const picture = { widthPx: 8, heightPx: 4 };
    const looks = drawMany(400, { ...NOTHING, crop: 'random' }, { picture, sizePx: 4 });
    const offsets = new Set(looks.map(({ matrix }) => matrix[2]));
    expect([...offsets].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(looks.map(({ matrix }) => matrix[5]))).toEqual(new Set([0]));
  });
});

describe('zoom', () => {
  const looks = drawMany(20_000, { ...NOTHING, maxZoom: 1.1 });
  /** Shorter side of the scaled picture: 224 stored pixels over the pixels of the picture per pixel of the output. */
  const sizes = looks.map(({ matrix }) => Math.round(224 / matrix[4]));

  test('scales to whole sizes from the output’s up to the largest zoom', () => {
    expect(Math.min(...sizes)).toBe(224);
    expect(Math.max(...sizes)).toBe(246);
  });

  test('leaves 28 to 29 in a hundred looks exactly as large as they are', () => {
    const unscaled = sizes.filter((size) => size === 224);
    expect(Math.abs(share(sizes, unscaled) - 0.2835)).toBeLessThan(0.012);
  });

  test('keeps the aspect ratio but for the floor to whole pixels, and its crop inside the picture', () => {
    for (const { matrix } of looks.slice(0, 500)) {
      expect(Math.abs((matrix[0] as number) / (matrix[4] as number) - 1)).toBeLessThan(1 / 224);
      for (const position of [matrix[2], matrix[0] * 223 + matrix[2]]) {
        expect(position).toBeGreaterThanOrEqual(-0.5);
        expect(position).toBeLessThanOrEqual(297.5);
      }
    }
  });
});

describe('the basic preset', () => {
  const looks = drawMany(8000, { ...NOTHING, preset: 'basic' });
  const degrees = ({ matrix }: (typeof looks)[number]) => (Math.atan2(matrix[3], matrix[0]) * 180) / Math.PI;

  test('turns three looks of four, by up to ten degrees either way', () => {
    const turned = looks.map(degrees).filter((angle) => angle !== 0);
    expect(Math.abs(share(looks, turned) - 0.75)).toBeLessThan(0.02);
    expect(Math.max(...turned)).toBeGreaterThan(9.9);
    expect(Math.max(...turned)).toBeLessThanOrEqual(10);
    expect(Math.min(...turned)).toBeLessThan(-9.9);
    expect(Math.abs(turned.reduce((sum, angle) => sum + angle, 0) / turned.length)).toBeLessThan(0.3);
  });

  test('turns the whole scaled picture about its middle before the crop', () => {
    // The middle of 298 x 224 is (149, 112), which the centre crop shows at (149 - 37, 112).
    for (const { matrix } of looks.slice(0, 100)) {
      expect(matrix[0] * 112 + matrix[1] * 112 + matrix[2]).toBeCloseTo(149, 9);
      expect(matrix[3] * 112 + matrix[4] * 112 + matrix[5]).toBeCloseTo(112, 9);
    }
  });

  test('relights every look within the lesson’s limits', () => {
    const brightness = looks.map((look) => look.brightness);
    const contrast = looks.map((look) => look.contrast);
    expect(new Set(brightness).size).toBeGreaterThan(7900);
    expect(Math.min(...brightness)).toBeGreaterThanOrEqual(-0.05);
    expect(Math.max(...brightness)).toBeLessThanOrEqual(0.05);
    expect(Math.max(...contrast)).toBeLessThanOrEqual(1.05);
    expect(Math.min(...contrast)).toBeGreaterThanOrEqual(1 / 1.05);
    expect(contrastFactor(-0.05)).toBeCloseTo(0.952381, 6);
  });

  test('mirrors nothing', () => {
    expect(looks.every(({ matrix }) => matrix[0] > 0 && matrix[4] > 0)).toBe(true);
  });
});

test('the side-on preset mirrors every other look and turns none upside down', () => {
  const looks = drawMany(8000, { ...NOTHING, preset: 'sideOn' });
  expect(
    Math.abs(
      share(
        looks,
        looks.filter(({ matrix }) => matrix[0] < 0),
      ) - 0.5,
    ),
  ).toBeLessThan(0.02);
  expect(looks.every(({ matrix }) => matrix[4] > 0)).toBe(true);
});

test('the top-down preset shows a picture all eight ways round, each as often', () => {
  const looks = drawMany(16_000, { ...NOTHING, preset: 'topDown' });
  const ways = new Map<string, number>();
  for (const { matrix } of looks) {
    const way = [matrix[0], matrix[1], matrix[3], matrix[4]].map((value) => Math.round(value)).join();
    ways.set(way, (ways.get(way) ?? 0) + 1);
  }
  expect(ways.size).toBe(8);
  for (const count of ways.values()) expect(Math.abs(count - 2000)).toBeLessThan(160);
});

test('a turned picture that is not square is cropped inside its new outline', () => {
  // No zoom, no turn; one quarter turn; no mirror; last crop offsets.
  const random = fixedRandom(0.9, 0.9, 0.5, 0.5, 0.3, 0.9, 0.999, 0.999);
  const picture = { widthPx: 8, heightPx: 4 };
  const { matrix } = drawTransform(picture, 4, { preset: 'topDown', maxZoom: 1, crop: 'random' }, random);
  // Standing, it is 4 wide and 8 high: the crop moves down by 3 of 0..4, which is to the left in the stored picture.
  expect(matrix).toEqual([0, -1, 7 - 3, 1, 0, 0]);
});

test('the same seed gives the same looks and another seed others', () => {
  const options: AugmentationOptions = { preset: 'topDown', maxZoom: 1.1, crop: 'random' };
  const draw = (seed: number) => drawMany(50, options, { random: createRandom(seed, 'augment') });
  expect(draw(7)).toEqual(draw(7));
  expect(draw(8)).not.toEqual(draw(7));
  expect(new Set(draw(7).map(({ matrix }) => matrix.join())).size).toBe(50);
});
