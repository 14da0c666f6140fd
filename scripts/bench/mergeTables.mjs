// @ts-check
// Merges what was measured into the markdown of docs/performance.md: reports of the bench's page (from `npm run bench -- --json`,
// or lists of { job, result } as a server keeps them) and of pytorch_bench.py. Usage:
//   node scripts/bench/mergeTables.mjs --bench out.json,stock.json [--pytorch pytorch.json] [--into docs/performance.md --place gpu]

import { readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { runScript, SetupError } from '../setup/setupError.mjs';
import { replaceBetweenMarks, writeMarkdown } from './benchMarkdown.mjs';

/**
 * @typedef {import('../../src/bench/benchReport.ts').BenchReport} BenchReport
 * @typedef {{ job: unknown, result?: BenchReport | { error: string } }} ServedResult what a server keeps of a job
 */

/** @param {string} file */
function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (thrown) {
    throw new SetupError(`${file} cannot be read: ${thrown instanceof Error ? thrown.message : thrown}`);
  }
}

/**
 * @param {BenchReport | readonly ServedResult[]} content of one file
 * @param {string} file its name, for the sentence
 * @returns {BenchReport[]}
 */
function reportsOf(content, file) {
  if (!Array.isArray(content)) return [/** @type {BenchReport} */ (content)];
  return content.flatMap(({ job, result }) => {
    if (result && 'cases' in result) return [result];
    const reason = result && 'error' in result ? result.error : 'it did not answer in time';
    console.error(`${file}: no result of the job ${JSON.stringify(job)}: ${reason}`);
    return [];
  });
}

runScript(() => {
  const { values } = parseArgs({
    options: {
      bench: { type: 'string', default: '' },
      pytorch: { type: 'string' },
      into: { type: 'string' },
      place: { type: 'string', default: 'gpu' },
    },
  });
  const files = values.bench.split(',').filter(Boolean);
  if (files.length === 0) throw new SetupError('--bench is missing: name the reports, with commas between them.', 2);
  const reports = files.flatMap((file) => reportsOf(readJson(file), file));
  const markdown = writeMarkdown(reports, values.pytorch ? readJson(values.pytorch) : null);
  if (!values.into) {
    console.log(markdown);
    return;
  }
  const text = replaceBetweenMarks(readFileSync(values.into, 'utf8'), values.place, markdown);
  if (text === null) throw new SetupError(`${values.into} has no marks for "bench:${values.place}".`);
  writeFileSync(values.into, text);
});
