/// <reference path="./papaparse.d.ts" />
// CSV text -> cells and back: the one door to papaparse (decision 0010). Cells stay text exactly as it stands in the file.

import Papa from 'papaparse';

export interface CsvDialect {
  readonly delimiter: string;
  readonly newline: string;
}

export interface CsvText extends CsvDialect {
  readonly rows: readonly CsvRow[];
}

export interface CsvRow {
  /** As a spreadsheet counts: from 1, header and blank rows included. */
  readonly number: number;
  readonly cells: readonly string[];
  /** A quote in it is never closed, or stands in the middle of a cell. */
  readonly isBroken: boolean;
}

/**
 * Rows without any text are left out. A byte order mark is dropped.
 * @param delimiter sniffed among comma, tab, bar and semicolon when empty; @param rowLimit 0 reads all rows.
 */
export function parseCsv(text: string, delimiter = '', rowLimit = 0): CsvText {
  const { data, errors, meta } = Papa.parse(text, { delimiter: delimiter || sniffDelimiter(text), preview: rowLimit });
  const broken = new Set(errors.filter(({ type }) => type === 'Quotes').map(({ row }) => row));
  const rows = data.map((cells, index): CsvRow => ({ number: index + 1, cells, isBroken: broken.has(index) }));
  return {
    rows: rows.filter(({ cells }) => cells.some((cell) => cell.trim() !== '')),
    delimiter: meta.delimiter,
    newline: meta.linebreak,
  };
}

/** A parse of its own: blank rows must not count when delimiters are compared, but must when rows are numbered. */
function sniffDelimiter(text: string): string {
  return Papa.parse(text, { delimiter: '', preview: 1, skipEmptyLines: 'greedy' }).meta.delimiter;
}

/** Quotes the cells that need it; every row ends with the newline. */
export function formatCsv(rows: readonly (readonly string[])[], { delimiter, newline }: CsvDialect): string {
  return Papa.unparse(rows, { delimiter, newline }) + newline;
}
