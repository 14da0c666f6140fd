// Reads a finished submission as a competition's server would and says what it would refuse.

import { parseCsv } from '../data/csvText.ts';
import { listSome } from './listSome.ts';

export interface ExpectedSubmission {
  readonly delimiter: string;
  /** The header, the id's column first. */
  readonly columns: readonly string[];
  readonly ids: readonly string[];
  /** What the columns after the id hold. */
  readonly values: 'text' | 'probabilities' | 'probabilitiesThatAddUpToOne';
}

/** Probabilities are written with rounding, and servers allow for it. */
const SUM_TOLERANCE = 1e-3;

/** Sentences, the most harmful first; none when all is well. */
export function checkSubmission(text: string, expected: ExpectedSubmission): string[] {
  const { rows } = parseCsv(text, expected.delimiter);
  const [header, ...body] = rows.map(({ cells }) => cells);
  if (header === undefined) return ['The file is empty.'];
  const numbers = expected.values === 'text' ? [] : checkNumbers(header, body, expected);
  return [...checkColumns(header, body, expected.columns), ...checkIds(body, expected.ids), ...numbers];
}

function checkColumns(
  header: readonly string[],
  body: readonly (readonly string[])[],
  columns: readonly string[],
): string[] {
  const missing = columns.filter((name) => !header.includes(name));
  const unknown = header.filter((name) => !columns.includes(name));
  const uneven = body.filter((cells) => cells.length !== header.length).map(([id]) => id ?? '');
  const isReordered =
    missing.length + unknown.length === 0 && header.some((name, position) => name !== columns[position]);
  return [
    ...sentenceIf(missing, (few) => `Columns are missing: ${few}.`),
    ...sentenceIf(unknown, (few) => `Columns are not asked for: ${few}.`),
    ...(isReordered ? ['The columns are in another order than asked for.'] : []),
    ...sentenceIf(uneven, (few) => `Rows have more or fewer cells than the header: ${few}.`),
  ];
}

function checkIds(body: readonly (readonly string[])[], expectedIds: readonly string[]): string[] {
  const ids = body.map(([id]) => id ?? '');
  const present = new Set(ids);
  const asked = new Set(expectedIds);
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const id of ids) (seen.has(id) ? repeated : seen).add(id);
  return [
    ...sentenceIf(
      [...asked].filter((id) => !present.has(id)),
      (few) => `Ids are missing: ${few}.`,
    ),
    ...sentenceIf(
      [...present].filter((id) => !asked.has(id)),
      (few) => `Ids are not asked for: ${few}.`,
    ),
    ...sentenceIf([...repeated], (few) => `Ids come more than once: ${few}.`),
  ];
}

function checkNumbers(
  header: readonly string[],
  body: readonly (readonly string[])[],
  { values }: ExpectedSubmission,
): string[] {
  const notNumbers: string[] = [];
  const outside: string[] = [];
  const wrongSums: string[] = [];
  for (const [id = '', ...cells] of body) {
    // Number('') is 0, but an empty cell is no answer.
    const row = cells.slice(0, header.length - 1).map((cell) => (cell.trim() === '' ? Number.NaN : Number(cell)));
    const sum = row.reduce((total, value) => total + value, 0);
    if (!row.every(Number.isFinite)) notNumbers.push(id);
    else if (row.some((value) => value < 0 || value > 1)) outside.push(id);
    else if (values === 'probabilitiesThatAddUpToOne' && Math.abs(sum - 1) > SUM_TOLERANCE) wrongSums.push(id);
  }
  return [
    ...sentenceIf(notNumbers, (few) => `Rows have cells that are no numbers: ${few}.`),
    ...sentenceIf(outside, (few) => `Rows have probabilities below 0 or above 1: ${few}.`),
    ...sentenceIf(wrongSums, (few) => `Rows whose probabilities do not add up to 1: ${few}.`),
  ];
}

function sentenceIf(names: readonly string[], sentence: (few: string) => string): string[] {
  return names.length === 0 ? [] : [sentence(listSome(names))];
}
