// Chaos in a real browser: a page that crashes, and one that is reloaded, at moments of a training that a seed draws. The many rounds, and
// the other faults, are in src/engine/session.chaos.test.ts.

import type { Page } from '@playwright/test';
import { StudioPage } from '../scripts/headless/studioPage.mjs';
import { createRandom } from '../src/engine/random.ts';
import { expect, openSample, prepareSmall, test } from './studioTest.ts';

const epochs = 60;
const random = createRandom(Number(process.env.CHAOS_SEED ?? 1), 'chaos in the browser');

/** The renderer and its workers are gone at once, with nothing said to anybody. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent('crash');
  const browser = await page.context().newCDPSession(page);
  // It has nobody left to answer.
  void browser.send('Page.crash').catch(() => {});
  await crashed;
}

test('a training whose page crashes, and is reloaded when it has come back, ends with the table that it would have had', async ({
  page,
  studio,
  context,
}) => {
  test.setTimeout(900_000);
  await openSample(page, studio);
  await prepareSmall(studio);
  await studio.setOptions('trainHead', { epochs });
  await studio.runStep('trainHead');
  const whole = await studio.readLossRows(epochs);

  await studio.startStep('trainHead');
  await page.getByTestId('kept-so-far').waitFor();
  await page.waitForTimeout(random.below(1000));
  await crash(page);
  await page.close();

  const later = new StudioPage(await context.newPage());
  await later.page.goto('/?recipe=head');
  const restored = later.stage.getByRole('status').first();
  await expect(restored).toContainText(/Restored run 1 at epoch \d+, batch \d+\./);
  await later.page.waitForTimeout(random.below(500));
  await later.page.reload();
  await expect(restored).toContainText(/Restored run 1 at epoch \d+, batch \d+\./);

  expect(await later.waitForEnd('trainHead')).toBe('done');
  await later.select('trainHead');
  expect(await later.readLossRows(epochs)).toEqual(whole);
  await later.throwFailure();
  await expect(later.settings.locator('summary')).toContainText(`${epochs}`);
});
