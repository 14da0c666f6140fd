import { expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { explainFailure } from './explainFailure.ts';

test.each([
  'Aborted(). Build with -sASSERTIONS for more info.',
  'memory access out of bounds',
  'Cannot enlarge memory, requested 2147549184 bytes, but the limit is 2147483648 bytes!',
])('“%s” becomes a sentence that says what to do', (message) => {
  const explained = explainFailure(new Error(message)) as EngineError;
  expect(explained).toBeInstanceOf(EngineError);
  expect(explained).toMatchObject({ code: 'outOfMemory', message: expect.stringContaining('Take a smaller batch') });
});

test('other errors stay what they are', () => {
  const others = [
    new Error('a shape does not fit'),
    new EngineError('outOfMemory', 'The card is out of memory.'),
    'text',
  ];
  expect(others.map(explainFailure)).toEqual(others);
});
