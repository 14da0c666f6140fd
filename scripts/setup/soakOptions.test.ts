import { expect, test } from 'vitest';
import { readSoakOptions } from './soakOptions.mjs';

test('a soak runs a hundred rounds from seed 1 unless it is told otherwise', () => {
  expect(readSoakOptions([])).toEqual({ rounds: 100, seed: 1 });
  expect(readSoakOptions(['--rounds', '3', '--seed=70'])).toEqual({ rounds: 3, seed: 70 });
});

test.each([
  [['--rounds', 'many'], '--rounds is a whole number from 1 up, not “many”'],
  [['--rounds', '0'], '--rounds is a whole number'],
  [['--seed', '1.5'], '--seed is a whole number from 0 up'],
  [['--turns', '3'], "Unknown option '--turns'"],
])('what it does not know is refused with a sentence: %j', (args, sentence) => {
  expect(() => readSoakOptions(args)).toThrow(sentence);
});
