import { describe, expect, test } from 'vitest';
import { createRandom, type Random } from '../random.ts';
import { applyTransform, mirrorIndex } from './applyTransform.ts';
import type { Augmentation } from './augmentation.ts';
import { contrastFactor, drawTransform, validationTransform } from './drawTransform.ts';
import { NO_LIGHTING, type PictureOutline, type PictureTransform } from './pictureTransform.ts';
import { PRESETS } from './presets.ts';

const NOTHING: Augmentation = { ...PRESETS.none, maxZoom: 1, padding: 0, crop: 'centre' };
const LANDSCAPE: PictureOutline = { widthPx: 298, heightPx: 224 };

/** Many looks at one picture. */
function drawMany(
  count: number,
  options: Augmentation,
  { picture = LANDSCAPE, sizePx = 224, random = createRandom(1, 'augment') } = {},
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
  const looks = drawMany(8000, { ...NOTHING, ...PRESETS.basic });
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
  const looks = drawMany(8000, { ...NOTHING, ...PRESETS.sideOn });
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
  const looks = drawMany(16_000, { ...NOTHING, ...PRESETS.topDown });
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
  const { matrix } = drawTransform(picture, 4, { ...NOTHING, ...PRESETS.topDown, crop: 'random' }, random);
  // Standing, it is 4 wide and 8 high: the crop moves down by 3 of 0..4, which is to the left in the stored picture.
  expect(matrix).toEqual([0, -1, 7 - 3, 1, 0, 0]);
});

test('the same seed gives the same looks and another seed others', () => {
  const options: Augmentation = { ...PRESETS.topDown, maxZoom: 1.1, padding: 0, crop: 'random' };
  const draw = (seed: number) => drawMany(50, options, { random: createRandom(seed, 'augment') });
  expect(draw(7)).toEqual(draw(7));
  expect(draw(8)).not.toEqual(draw(7));
  expect(new Set(draw(7).map(({ matrix }) => matrix.join())).size).toBe(50);
});

describe('a list of one’s own', () => {
  test('turns as far as it says', () => {
    const looks = drawMany(8000, { ...NOTHING, maxDegrees: 90 });
    const degrees = looks.map(({ matrix }) => (Math.atan2(matrix[3], matrix[0]) * 180) / Math.PI);
    const turned = degrees.filter((angle) => angle !== 0);
    expect(Math.abs(share(looks, turned) - 0.75)).toBeLessThan(0.02);
    expect(Math.max(...turned)).toBeGreaterThan(89);
    expect(Math.max(...turned)).toBeLessThanOrEqual(90);
    expect(Math.min(...turned)).toBeLessThan(-89);
    // Of even draws between -90 and 90 half lie within 45 degrees.
    expect(
      Math.abs(
        share(
          turned,
          turned.filter((angle) => Math.abs(angle) < 45),
        ) - 0.5,
      ),
    ).toBeLessThan(0.03);
  });

  test.each([
    [0.3, 0],
    [0, 0.6],
  ])('changes brightness by up to %d and contrast by up to %d, one without the other', (brightness, contrast) => {
    const looks = drawMany(4000, { ...NOTHING, lighting: { brightness, contrast } });
    const brighter = looks.map((look) => look.brightness);
    const factors = looks.map((look) => look.contrast);
    const nearly = (value: number) => 0.98 * value;
    expect(Math.max(...brighter)).toBeGreaterThanOrEqual(nearly(brightness));
    expect(Math.max(...brighter)).toBeLessThanOrEqual(brightness);
    expect(Math.min(...brighter)).toBeLessThanOrEqual(-nearly(brightness));
    expect(Math.max(...factors)).toBeGreaterThanOrEqual(1 + nearly(contrast));
    expect(Math.max(...factors)).toBeLessThanOrEqual(1 + contrast);
    expect(Math.min(...factors)).toBeGreaterThanOrEqual(1 / (1 + contrast));
    expect(Math.min(...factors)).toBeLessThanOrEqual(1 / (1 + nearly(contrast)));
  });

  test('flips alone mirror every other look and change nothing else', () => {
    const looks = drawMany(4000, { ...NOTHING, flips: 'horizontal' });
    const plain = validationTransform(LANDSCAPE, 224).matrix;
    const mirrored = looks.filter(({ matrix }) => matrix[0] === -1);
    expect(Math.abs(share(looks, mirrored) - 0.5)).toBeLessThan(0.025);
    // The centre crop begins at column 37 of 298, so from the other side at 297 - 37.
    expect(new Set(mirrored.map(({ matrix }) => matrix.join()))).toEqual(new Set(['-1,0,260,0,1,0']));
    const others = looks.filter(({ matrix }) => matrix[0] === 1);
    expect(new Set(others.map(({ matrix }) => matrix.join()))).toEqual(new Set([plain.join()]));
  });
});

describe('a mirrored border', () => {
  const picture = { widthPx: 6, heightPx: 4 };
  const sizePx = 4;
  /** A quarter of 4: one pixel on each side, so that the crop has 8 x 6 to move in. */
  const padded: Augmentation = { ...NOTHING, padding: 0.25, crop: 'random' };

  test('lets the crop begin as far outside as it is wide, on both sides, each place as often', () => {
    const looks = drawMany(6000, padded, { picture, sizePx });
    const starts = new Map<string, number>();
    for (const { matrix } of looks) {
      expect([matrix[0], matrix[1], matrix[3], matrix[4]]).toEqual([1, 0, 0, 1]);
      const start = `${matrix[2]},${matrix[5]}`;
      starts.set(start, (starts.get(start) ?? 0) + 1);
    }
    // Offsets 0..3 and 0..1 of the room, the last one never: less the border.
    expect([...starts.keys()].sort()).toEqual(['-1,-1', '-1,0', '0,-1', '0,0', '1,-1', '1,0', '2,-1', '2,0']);
    for (const count of starts.values()) expect(Math.abs(count - 750)).toBeLessThan(110);
  });

  test('shows the picture’s own pixels again, the edge first', () => {
    const rgb = Uint8Array.from(
      { length: 6 * 4 * 3 },
      (_, i) => 10 * (Math.floor(i / 3) % 6) + 60 * Math.floor(i / 18),
    );
    const [look] = drawMany(1, padded, { picture, sizePx, random: fixedRandom(0.9, 0, 0) });
    const format = { widthPx: 4, heightPx: 4, statistics: { mean: [0, 0, 0], std: [1, 1, 1] } };
    const seen = applyTransform({ ...picture, rgb }, look as PictureTransform, format);
    const greys = Array.from({ length: 16 }, (_, pixel) => Math.round(255 * (seen[3 * pixel] as number)));
    // From one row above and one column left of the first pixel on.
    const expected = [-1, 0, 1, 2].flatMap((y) =>
      [-1, 0, 1, 2].map((x) => 10 * mirrorIndex(x, 6) + 60 * mirrorIndex(y, 4)),
    );
    expect(greys).toEqual(expected);
    expect(greys.slice(0, 8)).toEqual([0, 0, 10, 20, 0, 0, 10, 20]);
  });

  test('cancels in the middle', () => {
    const [look] = drawMany(1, { ...NOTHING, padding: 0.25 });
    expect(look).toEqual(validationTransform(LANDSCAPE, 224));
  });

  test('is as many whole pixels wide as its share of the output gives', () => {
    // A tenth of 320 is 32, which floating point must not make 31; a twelfth of 224 is 18.
    for (const [padding, size, widthPx] of [
      [0.1, 320, 32],
      [1 / 12, 224, 18],
    ] as const) {
      const random = fixedRandom(0.9, 0, 0);
      const { matrix } = drawTransform({ widthPx: size, heightPx: size }, size, { ...padded, padding }, random);
      expect([matrix[2], matrix[5]]).toEqual([-widthPx, -widthPx]);
    }
  });
});

describe('a squashed picture', () => {
  const squashed = { widthPx: 224, heightPx: 224, squashedFrom: { widthPx: 500, heightPx: 250 } };

  test('is seen whole, in validation and by every look without zoom and border', () => {
    const whole = { matrix: [1, 0, 0, 0, 1, 0], ...NO_LIGHTING };
    expect(validationTransform(squashed, 224)).toEqual(whole);
    for (const crop of ['random', 'centre'] as const) {
      expect(drawMany(20, { ...NOTHING, crop }, { picture: squashed })).toEqual(Array(20).fill(whole));
    }
  });

  test('turns as it was before, so that nothing is sheared', () => {
    const looks = drawMany(200, { ...NOTHING, maxDegrees: 60 }, { picture: squashed });
    const turned = looks.filter(({ matrix }) => matrix[1] !== 0);
    expect(turned.length).toBeGreaterThan(100);
    for (const { matrix } of turned) {
      // In the upright picture, twice as wide, steps to the right and down are still at right angles and as long.
      const [rightX, downX, rightY, downY] = [2 * matrix[0], 2 * matrix[1], matrix[3], matrix[4]];
      // A step to the right in the output is two pixels wide before the squash.
      const [right, down] = [Math.hypot(rightX, rightY), Math.hypot(downX, downY)];
      expect(right).toBeCloseTo(2, 9);
      expect(down).toBeCloseTo(1, 9);
      expect(rightX * downX + rightY * downY).toBeCloseTo(0, 9);
      // About the middle, (224, 112) of 448 x 224.
      expect(matrix[0] * 111.75 + matrix[1] * 112 + matrix[2]).toBeCloseTo(111.75, 9);
      expect(matrix[3] * 111.75 + matrix[4] * 112 + matrix[5]).toBeCloseTo(112, 9);
    }
  });

  test('zooms and moves as any square does', () => {
    const looks = drawMany(2000, { ...NOTHING, maxZoom: 1.5, crop: 'random' }, { picture: squashed });
    const largest = Math.min(...looks.map(({ matrix }) => matrix[0]));
    expect(largest).toBeLessThan(0.68);
    for (const { matrix } of looks) {
      expect(matrix[4]).toBe(matrix[0]);
      for (const start of [matrix[2], matrix[5]]) {
        expect(start).toBeGreaterThanOrEqual(-0.5);
        expect(matrix[0] * 223 + start).toBeLessThanOrEqual(223.5);
      }
    }
  });
});
