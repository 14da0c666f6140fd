// @ts-check
// Reads how many tests passed from the reports that Vitest and Playwright write. Node built-ins only.

import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} TestCounts */

/**
 * The parts of the two reports that are read here.
 * @typedef {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, numTodoTests: number }} VitestReport
 * @typedef {{ stats: { expected: number, unexpected: number, flaky: number, skipped: number } }} PlaywrightReport
 */

/**
 * @template Report
 * @param {string} file
 * @returns {Report | null} null when the runner did not come to write one
 */
function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null;
}

/**
 * @param {string} file
 * @returns {TestCounts | null}
 */
export function readVitestCounts(file) {
  /** @type {VitestReport | null} */
  const report = readReport(file);
  if (!report) return null;
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

/**
 * A flaky test failed once, so it counts as failed.
 * @param {string} file
 * @returns {TestCounts | null}
 */
export function readPlaywrightCounts(file) {
  /** @type {PlaywrightReport | null} */
  const report = readReport(file);
  if (!report) return null;
  const { expected, unexpected, flaky, skipped } = report.stats;
  return { passed: expected, failed: unexpected + flaky, skipped };
}

/**
 * @param {readonly TestCounts[]} counts
 * @returns {TestCounts}
 */
export function addCounts(counts) {
  return counts.reduce(
    (sum, one) => ({
      passed: sum.passed + one.passed,
      failed: sum.failed + one.failed,
      skipped: sum.skipped + one.skipped,
    }),
    { passed: 0, failed: 0, skipped: 0 },
  );
}

/**
 * @param {TestCounts} counts
 * @returns {string} `N passed, N failed`, with `, N skipped` when there are such
 */
export function describeCounts({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
