// @ts-check
// `npm run soak`: many rounds of killed pages, lost devices, full disks and damaged files, each drawn from a seed, and what came of them.

import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { installPackages } from './setup/installPackages.mjs';
import { setupFolder } from './setup/paths.mjs';
import { runTool } from './setup/runProgram.mjs';
import { runScript, SetupError } from './setup/setupError.mjs';
import { readSoakOptions } from './setup/soakOptions.mjs';

/** @typedef {import('../src/engine/testing/chaos/round.ts').RoundReport} RoundReport */

const suite = 'src/engine/session.chaos.test.ts';
const reportFile = path.join(setupFolder, 'soak.json');

/**
 * @param {readonly RoundReport[]} reports
 * @returns {string}
 */
function summarise(reports) {
  /** @type {Map<string, number>} */
  const counts = new Map();
  for (const { kind } of reports.flatMap(({ faults }) => faults)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const kinds = [...counts].sort().map(([kind, count]) => `${count} × ${kind}`);
  const lives = reports.reduce((sum, report) => sum + report.lives, 0);
  const restores = reports.reduce((sum, report) => sum + report.restores, 0);
  const faults = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return `${reports.length} rounds, ${lives} lives, ${restores} times work was restored, ${faults} faults: ${kinds.join(', ')}`;
}

runScript(async () => {
  const { rounds, seed } = readSoakOptions(process.argv.slice(2));
  await installPackages();
  mkdirSync(setupFolder, { recursive: true });
  rmSync(reportFile, { force: true });
  const startedMs = performance.now();
  const env = { SOAK_ROUNDS: String(rounds), SOAK_SEED: String(seed), SOAK_REPORT: reportFile };
  const { exitCode } = await runTool('vitest', 'vitest', ['run', suite], { env });
  /** @type {RoundReport[]} */
  const reports = existsSync(reportFile) ? JSON.parse(readFileSync(reportFile, 'utf8')) : [];
  console.log(`\n${summarise(reports)}; ${((performance.now() - startedMs) / 1000).toFixed(0)} s`);
  const failed = reports.filter(({ problems }) => problems.length > 0);
  if (failed.length === 0 && exitCode === 0 && reports.length === rounds) return;
  const seeds = failed.map((report) => report.seed).join(', ');
  throw new SetupError(
    failed.length > 0
      ? `The studio did not keep its word in ${failed.length} of ${rounds} rounds, those of the seeds ${seeds}. One again: npm run soak -- --rounds 1 --seed ${failed[0]?.seed}`
      : `Of ${rounds} rounds ${reports.length} came to their end; the lines above say why.`,
  );
});
