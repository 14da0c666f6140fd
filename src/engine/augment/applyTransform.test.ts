import { describe, expect, test } from 'vitest';
import { resizeToCentreSquare, resizeWindow } from '../data/areaResize.ts';
import { scaledSize } from '../platform/scaledSize.ts';
import { applyTransform, mirrorIndex } from './applyTransform.ts';
import { contrastFactor, validationTransform } from './drawTransform.ts';
import { type Frame, mirror, quarterTurn, rotate, scale, wholePicture } from './frame.ts';
import { NO_LIGHTING, type PictureTransform, type StoredPicture } from './pictureTransform.ts';

const UNCHANGED = { mean: [0, 0, 0], std: [1, 1, 1] };

/** A picture whose three channels are equal. */
function grey(rows: readonly (readonly number[])[]): StoredPicture {
  const rgb = Uint8Array.from(rows.flat().flatMap((value) => [value, value, value]));
  return { widthPx: rows[0]?.length as number, heightPx: rows.length, rgb };
}

/** What is seen through a frame, as rows of grey values 0..255. */
function look(picture: StoredPicture, frame: Frame): number[][] {
  const format = { widthPx: frame.widthPx, heightPx: frame.heightPx, statistics: UNCHANGED };
  const seen = applyTransform(picture, { matrix: frame.matrix, ...NO_LIGHTING }, format);
  return Array.from({ length: frame.heightPx }, (_, y) =>
    Array.from({ length: frame.widthPx }, (_, x) => 255 * (seen[3 * (y * frame.widthPx + x)] as number)),
  );
}

const rounded = (rows: number[][]) => rows.map((row) => row.map(Math.round));

describe('sampling', () => {
  const picture = grey([
    [10, 20, 40],
    [50, 60, 80],
  ]);

  test('between pixels is the cubic through the four around, in both directions', () => {
    const slope = grey([
      [10, 20, 30, 40, 50],
      [30, 40, 50, 60, 70],
      [50, 60, 70, 80, 90],
      [70, 80, 90, 100, 110],
    ]);
    const at = (x: number, y: number): Frame => ({ widthPx: 1, heightPx: 1, matrix: [1, 0, x, 0, 1, y] });
    // A plane stays one where all sixteen pixels lie inside.
    expect(look(slope, at(1.25, 1.5))[0]?.[0]).toBeCloseTo(10 + 12.5 + 30, 4);
    // Half way over an edge of 0 and 160 in a row: -1/16, 9/16, 9/16, -1/16.
    const edge = grey([[0, 0, 160, 160, 0, 0]]);
    expect(look(edge, at(1.5, 0))[0]?.[0]).toBeCloseTo(160 * (9 / 16 - 1 / 16), 4);
    expect(look(edge, at(2.5, 0))[0]?.[0]).toBeCloseTo(160 * (18 / 16), 4);
  });

  test('goes not beyond black and white beside a sharp edge', () => {
    const edge = grey([[0, 0, 255, 255, 255, 0]]);
    const beyond = look(edge, { widthPx: 5, heightPx: 1, matrix: [1, 0, 0.5, 0, 1, 0] })[0] as number[];
    expect(Math.min(...beyond)).toBe(0);
    expect(Math.max(...beyond)).toBeCloseTo(255, 4);
  });

  test('outside mirrors the picture with its edge pixels repeated', () => {
    expect([-3, -2, -1, 0, 3, 4, 5, 6, 7, 8].map((index) => mirrorIndex(index, 4))).toEqual([
      2, 1, 0, 0, 3, 3, 2, 1, 0, 0,
    ]);
    expect([-5, -4, 9, 8].map((index) => mirrorIndex(index, 4))).toEqual([3, 3, 1, 0]);
    const wide: Frame = { widthPx: 7, heightPx: 1, matrix: [1, 0, -2, 0, 1, -1] };
    expect(rounded(look(picture, wide))[0]).toEqual([20, 10, 10, 20, 40, 40, 20]);
  });

  test('gives each channel its own normalisation', () => {
    const red: StoredPicture = { widthPx: 1, heightPx: 1, rgb: Uint8Array.from([255, 0, 255]) };
    const statistics = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };
    const seen = applyTransform(red, { matrix: wholePicture(red).matrix, ...NO_LIGHTING }, { ...red, statistics });
    // White gives (2.24891, 2.42857, 2.64) and black (-2.11790, -2.03571, -1.80444) (LESSON section 6.1).
    expect([...seen].map((value) => value.toFixed(5))).toEqual(['2.24891', '-2.03571', '2.64000']);
  });
});

describe('lighting', () => {
  const picture = grey([[51, 102, 153, 204]]);
  const lit = (brightness: number, contrast: number, pictureMean?: number) => {
    const transform: PictureTransform = { matrix: wholePicture(picture).matrix, brightness, contrast };
    const format = { ...picture, statistics: UNCHANGED, ...(pictureMean !== undefined && { pictureMean }) };
    const seen = applyTransform(picture, transform, format);
    return [0, 1, 2, 3].map((x) => Number((seen[3 * x] as number).toFixed(6)));
  };

  test('spreads values about the mean of the whole picture and adds the brightness, as in the lesson', () => {
    expect(lit(0.05, contrastFactor(0.05))).toEqual([0.235, 0.445, 0.655, 0.865]);
    expect(lit(0.05, contrastFactor(-0.05))).toEqual([0.264286, 0.454762, 0.645238, 0.835714]);
    expect(lit(-0.05, contrastFactor(0))).toEqual([0.15, 0.35, 0.55, 0.75]);
  });

  test('takes one mean over all channels, stops at black and white, and only then normalises', () => {
    const coloured: StoredPicture = { widthPx: 2, heightPx: 1, rgb: Uint8Array.from([255, 51, 0, 204, 102, 0]) };
    const transform = { matrix: wholePicture(coloured).matrix, brightness: 0.1, contrast: 1.5 };
    const statistics = { mean: [0.5, 0.4, 0.3], std: [0.5, 0.25, 0.2] };
    // The mean of 1, 0.2, 0, 0.8, 0.4, 0 is 0.4, so that v becomes 1.5 v - 0.1 before it is clipped to 0..1.
    const lit = [1, 0.2, 0, 1, 0.5, 0];
    const seen = applyTransform(coloured, transform, { ...coloured, statistics });
    for (const [index, value] of lit.entries()) {
      const [mean, std] = [statistics.mean[index % 3] as number, statistics.std[index % 3] as number];
      expect(seen[index]).toBeCloseTo((value - mean) / std, 5);
    }
  });

  test('stops at black and white', () => {
    expect(lit(0.5, 1)).toEqual([0.7, 0.9, 1, 1]);
    expect(lit(-0.5, 1)).toEqual([0, 0, 0.1, 0.3]);
  });

  test('takes the picture’s mean as given where it is known', () => {
    expect(lit(0.05, 1.05, 0.5)).toEqual(lit(0.05, 1.05));
    expect(lit(0, 2, 0)).toEqual([0.4, 0.8, 1, 1]);
  });
});

test('a scaled picture keeps its outline: each new pixel looks where its centre lies', () => {
  const ramp = [10, 20, 30, 40, 50, 60, 70, 80];
  const wide = grey([ramp]);
  // A slope stays one wherever no mirrored pixel plays a part.
  const half = look(wide, scale(wholePicture(wide), { widthPx: 4, heightPx: 1 }))[0] as number[];
  expect(half.slice(1, 3).map((value) => Number(value.toFixed(3)))).toEqual([35, 55]);
  const twice = look(wide, scale(wholePicture(wide), { widthPx: 16, heightPx: 1 }))[0] as number[];
  expect(twice.slice(3, 7).map((value) => Number(value.toFixed(3)))).toEqual([22.5, 27.5, 32.5, 37.5]);
  // The outermost ones look a quarter of a pixel inwards with 20, 10, 10, 20 around them.
  expect(twice[0]).toBeCloseTo(10 + (20 - 10) * (-3 / 128 - 9 / 128), 4);
  expect(
    twice.map((value, place) => value + (twice[15 - place] as number)).every((sum) => Math.abs(sum - 90) < 1e-3),
  ).toBe(true);
  const tall = grey(ramp.map((value) => [value]));
  const column = look(tall, scale(wholePicture(tall), { widthPx: 1, heightPx: 4 })).flat();
  expect(column.map((value) => value.toFixed(3))).toEqual(half.map((value) => value.toFixed(3)));
});

describe('turns and flips', () => {
  const picture = grey([
    [1, 2],
    [3, 4],
  ]);

  test('a quarter turn is counter-clockwise, and mirroring after it is the lesson’s', () => {
    const turned = quarterTurn(wholePicture(picture));
    expect(rounded(look(picture, turned))).toEqual([
      [2, 4],
      [1, 3],
    ]);
    expect(rounded(look(picture, mirror(turned)))).toEqual([
      [4, 2],
      [3, 1],
    ]);
  });

  test('four quarter turns of a picture that is not square bring it back', () => {
    const wide = grey([
      [1, 2, 3],
      [4, 5, 6],
    ]);
    const once = quarterTurn(wholePicture(wide));
    expect(rounded(look(wide, once))).toEqual([
      [3, 6],
      [2, 5],
      [1, 4],
    ]);
    const back = quarterTurn(quarterTurn(quarterTurn(once)));
    expect(rounded(look(wide, back))).toEqual(rounded(look(wide, wholePicture(wide))));
  });

  test('a positive rotation turns the picture counter-clockwise about its middle', () => {
    // One bright pixel to the right of the middle of a 5 x 5 picture; the middle is (2, 2).
    const dark = Array.from({ length: 5 }, (_, y) => [0, 0, 0, y === 2 ? 200 : 0, 0]);
    const turned = rounded(look(grey(dark), rotate(wholePicture(grey(dark)), 90)));
    expect(turned[1]).toEqual([0, 0, 200, 0, 0]);
    expect(turned.flat().filter((value) => value > 0)).toEqual([200]);
  });

  test('a rotated picture has no black corners: what turns in is mirrored', () => {
    const white = grey(Array.from({ length: 9 }, () => Array(9).fill(255)));
    const turned = look(white, rotate(wholePicture(white), 10)).flat();
    expect(Math.min(...turned)).toBeCloseTo(255, 3);
  });
});

test('validation sees the very pixels that the resampler’s centre square has', () => {
  const [widthPx, heightPx, sizePx] = [61, 37, 16];
  const data = Uint8ClampedArray.from({ length: widthPx * heightPx * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : Math.floor(127.5 + 127.5 * Math.sin(0.7 * i)),
  );
  const source = { widthPx, heightPx, data };
  const stored = scaledSize(source, sizePx);
  const rgb = resizeWindow(source, {
    ...{ scaledWidthPx: stored.widthPx, scaledHeightPx: stored.heightPx, leftPx: 0, topPx: 0 },
    ...stored,
  });
  const transform = validationTransform(stored, sizePx);
  const format = { widthPx: sizePx, heightPx: sizePx, statistics: UNCHANGED };
  const seen = applyTransform({ ...stored, rgb }, transform, format);
  expect(transform.matrix).toEqual([1, 0, Math.ceil((stored.widthPx - sizePx) / 2), 0, 1, 0]);
  const expected = resizeToCentreSquare(source, sizePx);
  expect([...seen]).toEqual([...expected].map((value) => Math.fround(value / 255)));
});
