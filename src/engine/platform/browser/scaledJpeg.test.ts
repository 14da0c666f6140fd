import { expect, test } from 'vitest';
import { chooseSize } from './scaledJpeg.ts';

test('a picture is decoded at the smallest size of eighths that is large enough', () => {
  expect(chooseSize({ widthPx: 4000, heightPx: 3000 }, 448)).toEqual({ widthPx: 1000, heightPx: 750, eighths: 2 });
  expect(chooseSize({ widthPx: 3000, heightPx: 4000 }, 375)).toEqual({ widthPx: 375, heightPx: 500, eighths: 1 });
  expect(chooseSize({ widthPx: 3000, heightPx: 4000 }, 376)).toEqual({ widthPx: 750, heightPx: 1000, eighths: 2 });
  expect(chooseSize({ widthPx: 501, heightPx: 333 }, 166)).toEqual({ widthPx: 251, heightPx: 167, eighths: 4 });
});

test('a picture of less than twice that size is decoded whole', () => {
  expect(chooseSize({ widthPx: 500, heightPx: 375 }, 189)).toBeNull();
  expect(chooseSize({ widthPx: 64, heightPx: 64 }, 128)).toBeNull();
});
