import { createHash } from 'node:crypto';
import { afterEach, expect, test, vi } from 'vitest';
import { createFetchWeights } from './fetchWeights.ts';

const good = new TextEncoder().encode('weights');
const damaged = new TextEncoder().encode('wEights');
const card = { sizeBytes: good.length, sha256: createHash('sha256').update(good).digest('hex') };

afterEach(() => vi.unstubAllGlobals());

/** @param answers what each fetch of the weights gives, in order. @returns how each was asked for. */
function serve(answers: readonly Uint8Array<ArrayBuffer>[]): (string | undefined)[] {
  const asked: (string | undefined)[] = [];
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('fetch', async (url: string, init?: RequestInit) => {
    if (url.endsWith('.json')) return new Response(JSON.stringify(card));
    asked.push(init?.cache);
    return new Response(answers[asked.length - 1] ?? new Uint8Array());
  });
  return asked;
}

test('weights are used when their hash is the card’s', async () => {
  const asked = serve([good]);
  expect(await createFetchWeights('https://example.org/weights/').readWeights('lite')).toEqual(good);
  expect(asked).toEqual(['default']);
});

test('a damaged copy is dropped and fetched anew', async () => {
  const asked = serve([damaged, good]);
  expect(await createFetchWeights('https://example.org/weights/').readWeights('lite')).toEqual(good);
  expect(asked).toEqual(['default', 'reload']);
});

test('weights that are damaged on the site itself end in a sentence', async () => {
  serve([damaged, damaged]);
  const reading = createFetchWeights('https://example.org/weights/').readWeights('lite');
  await expect(reading).rejects.toThrow('not the one its card describes, fetched anew as well. Nothing was loaded.');
});
