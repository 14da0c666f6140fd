import { describe, expect, test } from 'vitest';
import { createRandom } from './random.ts';

describe('the position of a random stream', () => {
  test('is all that what it draws next depends on, in any stream', () => {
    const random = createRandom(3, 'dropout');
    for (let drawn = 0; drawn < 17; drawn++) random.uint32();
    const position = random.position();
    const other = createRandom(8, 'something else');
    other.goTo(JSON.parse(JSON.stringify(position)));
    const drawFrom = (stream: typeof random) => [stream.uint32(), stream.normal(), stream.shuffle([1, 2, 3, 4, 5, 6])];
    expect(drawFrom(other)).toEqual(drawFrom(random));
  });

  test('stays what it was while the stream goes on', () => {
    const random = createRandom(1, 'shuffle');
    const position = random.position();
    const first = random.uint32();
    random.goTo(position);
    expect(random.uint32()).toBe(first);
  });

  test.each([[[]], [[1, 2, 3]], [[0, 0, 0, 0]], [[1, 2, 3, 0.5]], [[1, 2, 3, 2 ** 40]], [[1, 2, 3, Number.NaN]]])(
    'is no other list of numbers: %j',
    (position) => {
      expect(() => createRandom(1, 'shuffle').goTo(position)).toThrow(RangeError);
    },
  );
});
