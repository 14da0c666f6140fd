import { describe, expect, test } from 'vitest';
import { applyTransform } from '../augment/applyTransform.ts';
import { validationTransform } from '../augment/drawTransform.ts';
import { scaledSize } from '../platform/scaledSize.ts';
import { readJson } from '../testing/fixtures.ts';
import { resizeSquashed, resizeToCentreSquare, resizeWhole, resizeWindow } from './areaResize.ts';

interface Case {
  name: string;
  inputShape: [number, number, number];
  outputShape: [number, number, number];
  salt: number;
  expected: number[];
}

const { cases } = readJson<{ cases: Case[] }>('fixtures/parity/areaResize.json');

function makePixels([heightPx, widthPx]: readonly number[], salt: number, alpha = 255) {
  const [width, height] = [widthPx as number, heightPx as number];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      data[pixel * 4 + channel] = Math.floor(127.5 + 127.5 * Math.sin(0.7 * (pixel * 3 + channel) + salt));
    }
    data[pixel * 4 + 3] = alpha;
  }
  return { widthPx: width, heightPx: height, data };
}

describe('resizing', () => {
  test.each(cases)(
    'averages where a side shrinks, draws a cubic where it grows: $name',
    ({ inputShape, outputShape, salt, expected }) => {
      const [heightPx, widthPx] = outputShape;
      const whole = { scaledWidthPx: widthPx, scaledHeightPx: heightPx, leftPx: 0, topPx: 0, widthPx, heightPx };
      const resized = resizeWindow(makePixels(inputShape, salt), whole);
      expect(resized.length).toBe(expected.length);
      expected.forEach((value, index) => {
        expect(Math.abs((resized[index] as number) - value)).toBeLessThanOrEqual(0.5 + 1e-3);
      });
    },
  );

  test('cuts the centre square out of the scaled whole', () => {
    const source = makePixels([6, 11, 3], 2);
    const { widthPx, heightPx, rgb: rows } = resizeWhole(source, 4);
    expect({ widthPx, heightPx }).toEqual(scaledSize({ widthPx: 11, heightPx: 6 }, 4));
    expect(rows.length).toBe(3 * widthPx * heightPx);
    const left = Math.ceil((widthPx - 4) / 2);
    const cut = [0, 1, 2, 3].flatMap((y) => [...rows.subarray((y * widthPx + left) * 3, (y * widthPx + left + 4) * 3)]);
    expect([...resizeToCentreSquare(source, 4)]).toEqual(cut);
  });

  test('squashes the whole picture by exact averages, each side on its own', () => {
    // Grey columns 0, 1, 2 ... 5 twice over: three columns of the source fall into each of the square's two.
    const data = Uint8ClampedArray.from({ length: 6 * 2 * 4 }, (_, at) =>
      at % 4 === 3 ? 255 : 30 * (Math.floor(at / 4) % 6),
    );
    const squashed = resizeSquashed({ widthPx: 6, heightPx: 2, data }, 2);
    expect([...squashed]).toEqual([30, 30, 30, 120, 120, 120, 30, 30, 30, 120, 120, 120]);
    const square = makePixels([8, 8, 3], 1);
    expect(resizeSquashed(square, 4)).toEqual(resizeToCentreSquare(square, 4));
  });

  test('enlarges as a look is sampled in training, so that a network sees both alike', () => {
    const source = makePixels([7, 5, 3], 3);
    const stored = resizeWhole(source, 5);
    const sizePx = 12;
    const look = applyTransform(stored, validationTransform(stored, sizePx), {
      widthPx: sizePx,
      heightPx: sizePx,
      statistics: { mean: [0, 0, 0], std: [1, 1, 1] },
    });
    const enlarged = resizeToCentreSquare(source, sizePx);
    look.forEach((value, at) => {
      expect(Math.abs(255 * value - (enlarged[at] as number))).toBeLessThanOrEqual(0.5 + 1e-3);
    });
  });

  test('scales the shorter side and never below the size, as the lesson does', () => {
    expect(scaledSize({ widthPx: 500, heightPx: 375 }, 224)).toEqual({ widthPx: 298, heightPx: 224 });
    expect(scaledSize({ widthPx: 200, heightPx: 300 }, 340)).toEqual({ widthPx: 340, heightPx: 510 });
    expect(scaledSize({ widthPx: 500, heightPx: 375 }, 340)).toEqual({ widthPx: 453, heightPx: 340 });
    expect(scaledSize({ widthPx: 193, heightPx: 130 }, 224).heightPx).toBe(224);
  });

  test('lays transparent pictures on white', () => {
    expect([...resizeToCentreSquare(makePixels([4, 4], 1, 0), 2)]).toEqual(Array(12).fill(255));
  });
});

test('a picture that ends within its last pixel is scaled by its own width, not by that of its pixels', () => {
  const ramp = (values: readonly number[]) => ({
    widthPx: values.length,
    heightPx: 1,
    data: Uint8ClampedArray.from(values.flatMap((value) => [value, value, value, 255])),
  });
  // 19 pixels, and the same at half their size: the tenth stands for the nineteenth and for one that is not there.
  const whole = ramp(Array.from({ length: 19 }, (_, x) => 12 * x));
  const halved = {
    ...ramp(Array.from({ length: 10 }, (_, x) => 24 * x + 6)),
    beyond: { left: 0, top: 0, right: 0.5, bottom: 0 },
  };
  const window = { scaledWidthPx: 4, scaledHeightPx: 1, leftPx: 0, topPx: 0, widthPx: 4, heightPx: 1 };
  const [expected, found] = [whole, halved].map((source) => [...resizeWindow(source, window)]);
  for (const [index, value] of (expected as number[]).entries()) {
    expect(Math.abs((found?.[index] as number) - value)).toBeLessThanOrEqual(2);
  }
  const { beyond, ...wider } = halved;
  const shifted = [...resizeWindow(wider, window)];
  expect(Math.abs((shifted.at(-1) as number) - (expected?.at(-1) as number))).toBeGreaterThan(3);
});
