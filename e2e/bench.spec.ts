// The bench's page in software WebGPU, with the smallest thing it can measure: numbers come out for both executors, and they say
// that no graphics card made them.

import { chromiumFlags } from '../scripts/setup/chromiumFlags.mjs';
import { findChromium } from '../scripts/setup/findChromium.mjs';
import type { BenchReport } from '../src/bench/benchReport.ts';
import { expect, test } from './studioTest.ts';

const executablePath = findChromium();

test.use({
  launchOptions: {
    args: chromiumFlags({ hasSoftwareWebgpu: true }),
    ...(executablePath && { executablePath }),
  },
});

test('the bench measures the head on both executors and says that the adapter is software', async ({ page }) => {
  await page.goto('/bench.html?network=head&batch=2&steps=3&budget=1&executor=windowbox,stock');
  const text = await page.getByTestId('bench-result').textContent({ timeout: 170_000 });
  const report: BenchReport = JSON.parse(text ?? '');
  expect(report.adapter?.isSoftware).toBe(true);
  expect(report.cases.map(({ case: { executor } }) => executor)).toEqual(['windowbox', 'stock']);
  for (const measured of report.cases) {
    if (measured.outcome !== 'measured') throw new Error(measured.sentence);
    const { imagesPerSecond, dispatches, gpuBytes, peakBufferBytes, jsMsPerStep, firstUseSeconds } = measured;
    for (const value of [imagesPerSecond, dispatches, gpuBytes, peakBufferBytes, jsMsPerStep, firstUseSeconds]) {
      expect(value).toBeGreaterThan(0);
    }
    expect(measured.timedSteps).toBeGreaterThanOrEqual(3);
    expect(peakBufferBytes).toBeGreaterThanOrEqual(gpuBytes);
  }
  const [windowbox] = report.cases;
  if (windowbox?.outcome !== 'measured') throw new Error('not measured');
  const counted = windowbox.families?.reduce((sum, { dispatches }) => sum + dispatches, 0);
  expect(counted).toBe(windowbox.dispatches);
  await expect(page.getByRole('table').first()).toContainText('stock tfjs-webgpu');
  await expect(page.getByText('computed by the processor')).toBeVisible();
});

test('what cannot be measured is said, and the rest goes on', async ({ page }) => {
  await page.goto('/bench.html?network=resnext50,vgg16&size=32&batch=2&executor=stock');
  const text = await page.getByTestId('bench-result').textContent({ timeout: 60_000 });
  const report: BenchReport = JSON.parse(text ?? '');
  const sentences = report.cases.map((failed) => (failed.outcome === 'failed' ? failed.sentence : ''));
  expect(sentences).toEqual([expect.stringContaining('Not possible in tf.layers'), expect.stringContaining('vgg16')]);
});

test('without a network in its address the bench asks for one', async ({ page }) => {
  await page.goto('/bench.html');
  await expect(page.getByTestId('bench-form').getByRole('button', { name: 'Run' })).toBeVisible();
});
