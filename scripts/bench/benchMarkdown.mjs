// @ts-check
// The markdown of docs/performance.md, made from reports: the machines, the table, what failed, memory over many steps, time by
// kernel family. Text in, text out.

import {
  collectRows,
  describeMachine,
  listFailures,
  nameCase,
  tabulate,
  tabulateFamilies,
  toMarkdown,
} from './benchTable.mjs';

/**
 * @typedef {import('../../src/bench/benchReport.ts').BenchReport} BenchReport
 * @typedef {import('../../src/bench/benchReport.ts').CaseReport} CaseReport
 * @typedef {import('./benchTable.mjs').PyTorchResult} PyTorchResult
 * @typedef {{ machine: Record<string, unknown>, results: PyTorchResult[] }} PyTorchReport pytorch_bench.py's
 */

/**
 * @param {readonly BenchReport[]} reports
 * @param {PyTorchReport | null} pytorch
 */
export function writeMarkdown(reports, pytorch) {
  const cases = reports.flatMap((report) => report.cases);
  const machines = [...new Set(reports.map(describeMachine))].map((machine) => `Measured ${machine}.`);
  if (pytorch) machines.push(`PyTorch: ${describePyTorch(pytorch)}.`);
  const failures = listFailures(cases).map((sentence) => `- ${sentence}`);
  return [
    machines.join('\n'),
    toMarkdown(tabulate(collectRows(cases, pytorch?.results))),
    ...(failures.length > 0 ? [failures.join('\n')] : []),
    ...cases.flatMap(writeMemory),
    ...cases.flatMap(writeFamilies),
  ].join('\n\n');
}

/** @param {PyTorchReport} report */
function describePyTorch({ machine }) {
  return Object.entries(machine)
    .map(([name, value]) => `${name} ${value}`)
    .join(', ');
}

/**
 * @param {CaseReport} report
 * @returns {string[]}
 */
function writeMemory(report) {
  if (report.outcome !== 'measured' || !report.memoryLooks) return [];
  const titles = ['after step', 'network, bytes', 'all buffers, bytes', 'tfjs tensors', 'JS heap, bytes'];
  const looks = report.memoryLooks.map(({ step, gpuBytes, bufferBytes, tfTensors, jsHeapBytes }) =>
    [step, gpuBytes, bufferBytes, tfTensors, jsHeapBytes ?? '-'].map(String),
  );
  return [`Memory over ${report.timedSteps} steps of ${nameCase(report)}:`, toMarkdown([titles, ...looks])];
}

/**
 * @param {CaseReport} report
 * @returns {string[]}
 */
function writeFamilies(report) {
  if (report.outcome !== 'measured' || !report.families) return [];
  const summary = `<details><summary>Time by kernel family: ${nameCase(report)}</summary>`;
  return [summary, toMarkdown(tabulateFamilies(report)), '</details>'];
}

/**
 * @param {string} text
 * @param {string} place name of the marks `<!-- bench:PLACE -->` and `<!-- /bench:PLACE -->`
 * @param {string} markdown what is to stand between them
 * @returns {string | null} null when the marks are not there
 */
export function replaceBetweenMarks(text, place, markdown) {
  const [start, end] = [`<!-- bench:${place} -->`, `<!-- /bench:${place} -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from < 0 || to < from) return null;
  return `${text.slice(0, from + start.length)}\n\n${markdown}\n\n${text.slice(to)}`;
}
