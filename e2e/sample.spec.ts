// The sample: from one click to a confusion matrix, with nothing of one's own.

import { expect, test } from './studioTest.ts';

test('the sample goes from one click to a confusion matrix', async ({ page, studio }) => {
  test.setTimeout(600_000);
  await page.goto('/?recipe=head');
  const badge = await studio.readBadge();
  // A software adapter is never chosen by itself.
  expect(badge.adapter).not.toMatch(/swiftshader/i);
  await page.getByRole('button', { name: 'Try it with a sample' }).click();
  await studio.waitForDataset();
  await expect(studio.stage).toContainText(/384 pictures in 8 classes/);
  await page.getByTestId('run-all-steps').click();
  await studio.waitForEnd('prepare');
  await studio.waitForEnd('findRate');
  await studio.waitForEnd('trainHead');

  await expect(studio.confusionMatrix.locator('tbody th')).toHaveCount(8);
  const last = (await studio.readLossRows(1)).at(-1);
  // Eight kinds: guessing gives 12.5 %.
  expect(Number.parseFloat(last?.score ?? '0')).toBeGreaterThan(60);
});

test('the page says where the sample’s drawings come from', async ({ page }) => {
  await page.goto('/');
  const link = page.getByRole('link', { name: 'Where they come from' });
  const answer = await page.request.get(new URL((await link.getAttribute('href')) ?? '', page.url()).href);
  expect(answer.ok()).toBe(true);
  const text = await answer.text();
  for (const licence of ['Apache-2.0', 'MIT', 'CC-BY-4.0', 'CC-BY-SA-4.0']) expect(text).toContain(licence);
});
