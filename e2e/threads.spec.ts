// On a machine with more cores the wasm backend takes threads: they start in the built page, and they change no number.

import { expect, runThreeSteps, test } from './studioTest.ts';

// What a service worker answers, a test cannot change on its way.
test.use({ serviceWorkers: 'block' });

test('wasm threads start in the built page and give the same table', async ({ page, studio, tinyDataset }) => {
  const folder = tinyDataset();
  const tables = [];
  for (const threadCount of [1, 2]) {
    // The worker is told of twice as many cores: tfjs takes half of what it is told.
    await page.route('**/assets/trainer.worker-*.js', async (route) => {
      const response = await route.fetch();
      const told = `Object.defineProperty(navigator, 'hardwareConcurrency', { value: ${2 * threadCount} });`;
      await route.fulfill({ response, body: `${told}\n${await response.text()}` });
    });
    await page.goto('/?backend=wasm');
    const threads = threadCount === 1 ? '1 thread' : `${threadCount} threads`;
    expect((await studio.readBadge()).adapter).toBe(`WebAssembly, ${threads}`);
    await runThreeSteps(studio, folder, 2);
    tables.push(await studio.readLossRows(2));
    await page.unrouteAll();
  }
  expect(tables[0]).toHaveLength(2);
  expect(tables[1]).toEqual(tables[0]);
});
