import { expect, test } from 'vitest';
import { sha256Of } from './sha256.ts';

test('a hash is the one that everybody computes', async () => {
  expect(await sha256Of(new Uint8Array())).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
});
