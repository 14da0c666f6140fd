// @ts-check
// Runs stages in order and ends with one line of counts, whether they pass or fail.

import { TestsFailed } from './stages.mjs';
import { addCounts, describeCounts } from './testCounts.mjs';

/** @typedef {import('./testCounts.mjs').TestCounts} TestCounts */

/**
 * @param {readonly (() => Promise<TestCounts | void>)[]} stages each gives the tests it ran, if it ran any
 */
export async function runChecks(stages) {
  const startedMs = performance.now();
  /** @type {TestCounts[]} */
  const counts = [];
  /** @type {unknown} */
  let failure;
  try {
    for (const stage of stages) {
      const stageCounts = await stage();
      if (stageCounts) counts.push(stageCounts);
    }
  } catch (thrown) {
    failure = thrown;
    if (thrown instanceof TestsFailed) counts.push(thrown.counts);
  }
  console.log(`\n${((performance.now() - startedMs) / 1000).toFixed(0)} s in all`);
  if (failure) {
    // Told before the counts, so that the counts are the last line.
    console.error(failure instanceof Error ? failure.message : failure);
    process.exitCode = 1;
  }
  if (counts.length > 0) console.log(describeCounts(addCounts(counts)));
}
