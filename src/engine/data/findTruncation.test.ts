import { describe, expect, test } from 'vitest';
import { readBytes } from '../testing/fixtures.ts';
import { isTruncated } from './findTruncation.ts';
import { sniffPicture } from './sniffPicture.ts';

const inspect = (name: string, keep?: number) => {
  const bytes = readBytes(`fixtures/images/${name}`).subarray(0, keep);
  const format = sniffPicture(bytes);
  return format === null ? null : [format, isTruncated(format, bytes)];
};

describe('a picture’s first bytes and its end', () => {
  test.each([
    ['orientation6.jpg', 'jpeg'],
    ['grey.jpg', 'jpeg'],
    ['alpha.png', 'png'],
    ['animated.gif', 'gif'],
  ])('tell that %s is a whole %s', (name, format) => {
    expect(inspect(name)).toEqual([format, false]);
  });

  test('tell a picture that was cut short', () => {
    expect(inspect('truncated.jpg')).toEqual(['jpeg', true]);
    expect(inspect('alpha.png', 60)).toEqual(['png', true]);
  });

  test('tell that a text by the name of a picture is none', () => {
    expect(inspect('text.jpg')).toBeNull();
  });
});
