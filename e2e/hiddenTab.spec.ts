// A tab that nobody looks at goes on training, says in its title how far it is, and asks before its work is lost.

import { expect, prepareSmall, test } from './studioTest.ts';

test('training goes on behind another tab, and its title tells', async ({ page, studio, tinyDataset, context }) => {
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  await prepareSmall(studio);
  await studio.runStep('findRate');
  await studio.applyRecommendedRate('findRate');
  await studio.setOptions('trainHead', { epochs: 400 });
  await studio.select('trainHead');
  await studio.runButton.click();
  await expect(page).toHaveTitle(/^\d+ % · .* · Windowbox$/);

  // Headless Chromium calls every page seen. What a hidden one goes without is taken from this one: frames, and quick timers.
  const front = await context.newPage();
  await front.goto('about:blank');
  await front.bringToFront();
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    window.requestAnimationFrame = () => 0;
    const setTimer = window.setTimeout.bind(window);
    window.setTimeout = ((run: () => void, delayMs = 0) => setTimer(run, Math.max(1000, delayMs))) as typeof setTimeout;
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const percent = async () => Number((await page.title()).split(' ')[0]);
  const before = await percent();
  await expect.poll(percent, { timeout: 60_000 }).toBeGreaterThan(before + 3);
  await front.close();
  await studio.stopButton.click();
  await studio.waitForEnd('trainHead');
});

test('leaving asks while a step runs, and no more once the browser keeps what it learnt', async ({
  page,
  studio,
  tinyDataset,
}) => {
  let askedCount = 0;
  page.on('dialog', async (dialog) => {
    if (dialog.type() === 'beforeunload') askedCount += 1;
    await dialog.dismiss();
  });
  const reload = () => page.evaluate(() => location.reload()).catch(() => {});
  const wouldAsk = () => page.evaluate(() => !window.dispatchEvent(new Event('beforeunload', { cancelable: true })));
  await page.goto('/?backend=wasm');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset());
  expect(await wouldAsk()).toBe(false);
  await prepareSmall(studio);
  await studio.setOptions('trainHead', { epochs: 400 });
  await studio.select('trainHead');
  await studio.runButton.click();
  await reload();
  await expect.poll(() => askedCount).toBe(1);
  await studio.stopButton.click();
  await studio.waitForEnd('trainHead');
  await expect.poll(wouldAsk, { timeout: 20_000 }).toBe(false);
  await reload();
  await expect(page.getByTestId('folder-input').first()).toBeAttached();
  expect(askedCount).toBe(1);
});
