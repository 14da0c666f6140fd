import { describe, expect, test } from 'vitest';
import { resolvePadding, slidingOutputSize } from './shapes.ts';

describe('at stride 2', () => {
  test.each([
    [3, 64, { before: 0, after: 1 }],
    [3, 65, { before: 1, after: 1 }],
    [5, 64, { before: 1, after: 2 }],
    [5, 65, { before: 2, after: 2 }],
  ])(
    'TensorFlow pads for a window of %i on %i pixels after more than before only where the size is even',
    (kernelSize, size, sides) => {
      expect(resolvePadding('same', size, kernelSize, 2)).toEqual(sides);
    },
  );

  test.each([
    [3, 64],
    [3, 65],
    [5, 64],
    [5, 65],
  ])(
    'PyTorch’s zeros on every side for a window of %i on %i pixels give a picture of TensorFlow’s size',
    (kernelSize, size) => {
      const padding = (kernelSize - 1) / 2;
      expect(resolvePadding(padding, size, kernelSize, 2)).toEqual({ before: padding, after: padding });
      expect(slidingOutputSize(size, kernelSize, 2, padding)).toBe(Math.ceil(size / 2));
      expect(slidingOutputSize(size, kernelSize, 2, 'same')).toBe(Math.ceil(size / 2));
    },
  );
});

test('at stride 1 both pad every side alike', () => {
  for (const size of [7, 8]) expect(resolvePadding('same', size, 5, 1)).toEqual({ before: 2, after: 2 });
});

test('nothing is padded that a stride passes over, and a window that does not fit is refused', () => {
  expect(resolvePadding('same', 8, 1, 2)).toEqual({ before: 0, after: 0 });
  expect(() => slidingOutputSize(4, 7, 1, 1)).toThrow('A window of 7 does not fit into 4');
});
