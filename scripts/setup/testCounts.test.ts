import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { addCounts, describeCounts, readPlaywrightCounts, readVitestCounts } from './testCounts.mjs';

const folder = mkdtempSync(path.join(os.tmpdir(), 'test-counts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeReport(name: string, report: unknown): string {
  const file = path.join(folder, name);
  writeFileSync(file, JSON.stringify(report));
  return file;
}

test('the summary adds unit tests and browser tests', () => {
  const unit = readVitestCounts(
    writeReport('unit.json', { numPassedTests: 40, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 }),
  );
  const browser = readPlaywrightCounts(
    writeReport('browser.json', { stats: { expected: 9, unexpected: 0, flaky: 0, skipped: 1 } }),
  );
  expect(unit && browser && describeCounts(addCounts([unit, browser]))).toBe('49 passed, 1 failed, 4 skipped');
});

test('skipped tests are named only when there are any', () => {
  expect(describeCounts({ passed: 3, failed: 0, skipped: 0 })).toBe('3 passed, 0 failed');
});

test('a browser test that passed only when tried again counts as failed', () => {
  const file = writeReport('flaky.json', { stats: { expected: 1, unexpected: 0, flaky: 1, skipped: 0 } });
  expect(readPlaywrightCounts(file)).toEqual({ passed: 1, failed: 1, skipped: 0 });
});

test('a run that wrote no report has no counts', () => {
  expect(readVitestCounts(path.join(folder, 'none.json'))).toBeNull();
});
