// @ts-check
// `npm run bench`: measures networks in headless Chromium on the bench's page, the studio's executor and stock tfjs-webgpu in the
// same run, and tells them side by side.

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { readBenchOptions, toQuery } from './bench/benchOptions.mjs';
import {
  collectRows,
  describeMachine,
  listFailures,
  nameCase,
  ratioToStock,
  tabulate,
  tabulateFamilies,
  toText,
} from './bench/benchTable.mjs';
import { chromiumFlags } from './setup/chromiumFlags.mjs';
import { ensureChromium } from './setup/ensureChromium.mjs';
import { runScript, SetupError } from './setup/setupError.mjs';
import { withSite } from './setup/withSite.mjs';

/**
 * @typedef {import('./bench/benchOptions.mjs').BenchOptions} BenchOptions
 * @typedef {import('../src/bench/benchReport.ts').BenchReport} BenchReport
 */

/**
 * @param {BenchOptions} options
 * @param {string} address where the page is served
 * @returns {Promise<BenchReport>}
 */
async function runPage({ run, chromiumFlags: extraFlags }, address) {
  const { chromium } = await import('@playwright/test');
  const hasSoftwareWebgpu = extraFlags.length === 0 && process.platform === 'linux';
  const browser = await chromium.launch({
    executablePath: await ensureChromium(),
    args: chromiumFlags({ hasSoftwareWebgpu, extraFlags }),
  });
  try {
    const page = await browser.newPage();
    const crash = new Promise((_, reject) =>
      page.once('crash', () => reject(new SetupError('The browser’s page crashed, probably out of memory.'))),
    );
    page.on('pageerror', (error) => console.error(`[page] ${error.message}`));
    page.on('console', (message) => {
      if (message.type() === 'info') console.log(message.text());
    });
    await page.goto(`${address}/bench.html${toQuery(run)}`);
    const text = await Promise.race([page.getByTestId('bench-result').textContent({ timeout: 0 }), crash]);
    return JSON.parse(String(text));
  } finally {
    await browser.close();
  }
}

/** @param {BenchReport} report */
function tellReport(report) {
  console.log(`\n${describeMachine(report)}\n`);
  console.log(toText(tabulate(collectRows(report.cases))));
  for (const measured of report.cases) {
    if (measured.outcome !== 'measured' || !measured.families) continue;
    console.log(`\n${nameCase(measured)}, by kernel family:`);
    console.log(toText(tabulateFamilies(measured)));
  }
  for (const sentence of listFailures(report.cases)) console.log(`\n${sentence}`);
}

/**
 * @param {BenchReport} report
 * @param {BenchOptions} options
 * @throws {SetupError} when what was asked for was not shown
 */
function judge(report, { isSmallest }) {
  const failed = report.cases.find(
    ({ outcome, case: { executor } }) => outcome === 'failed' && executor === 'windowbox',
  );
  if (failed) throw new SetupError('Not everything of Windowbox could be measured; the sentences above say why.');
  if (!isSmallest) return;
  const [row] = collectRows(report.cases);
  const ratio = row ? ratioToStock(row) : null;
  if (ratio === null) throw new SetupError('Stock could not be measured, so there is nothing to compare with.');
  if (ratio < 1)
    throw new SetupError(`Windowbox is slower than stock tfjs-webgpu: ${ratio.toFixed(2)} times its speed.`);
  console.log(`\nWindowbox has ${ratio.toFixed(2)} times the speed of stock tfjs-webgpu.`);
}

runScript(async () => {
  const options = readBenchOptions(process.argv.slice(2));
  await withSite(async (address) => {
    const report = await runPage(options, address);
    if ('error' in report) throw new SetupError(String(report.error));
    if (options.jsonFile) {
      mkdirSync(path.dirname(options.jsonFile), { recursive: true });
      writeFileSync(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
    }
    if (!report.adapter) throw new SetupError('This Chromium offers no WebGPU adapter, so nothing was measured.');
    tellReport(report);
    judge(report, options);
  });
});
