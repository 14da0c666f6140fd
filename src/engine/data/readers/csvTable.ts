// A dropped table before anybody says what its columns mean: rows of cells, and a guess that a dialog starts from.

import { EngineError } from '../../../protocol/errors.ts';
import { type CsvRow, parseCsv } from '../csvText.ts';

export interface CsvTable {
  readonly delimiter: string;
  /** What most rows have; some may have more or fewer. */
  readonly columnCount: number;
  /** Every row with text in it, a header included. */
  readonly rows: readonly CsvRow[];
}

/** What the columns mean: guessed by `guessColumns`, corrected by the person. */
export interface LabelColumns {
  /** From 0, like `labelColumn`. */
  readonly idColumn: number;
  readonly labelColumn: number;
  readonly hasHeader: boolean;
  /** Stands between the labels of one picture; null where a label may hold anything and each picture has one. */
  readonly separator: string | null;
}

/** A table of pixels or features has thousands; one column for each of ImageNet's classes and an id must still be read. */
const MAX_COLUMNS = 1001;

/** As many rows as tell a header from the rest. */
const COMPARED_ROWS = 1000;

const ID_NAMES = /^(id|(image|img|picture|photo|file)[ _-]?(id|name|path)?|filename|filepath|name|path)$/i;
const LABEL_NAMES = /^(labels?|class(es)?|class[ _-]?name|category|target|tags?|breed|species)$/i;

/** What the cells under a header often have and its own words do not: a digit, a file's suffix. */
const CELL_MARKS = [/\d/, /\.[a-z]{3,4}$/i];

/** Throws EngineError 'datasetEmpty' or 'datasetLayout' for a text that cannot be a table of labels. */
export function readCsvTable(text: string, delimiter = ''): CsvTable {
  if (text.includes('\0')) {
    throw new EngineError('datasetLayout', 'This is not a text file. Save the table as CSV (UTF-8) and drop it again.');
  }
  // One row first: a table of pixels may be gigabytes of cells.
  const widest = parseCsv(text, delimiter, 1).rows[0]?.cells.length ?? 0;
  if (widest > MAX_COLUMNS) {
    throw new EngineError(
      'datasetLayout',
      `This table has ${widest} columns, so it seems to hold pixels or measurements. Labels take two columns: the name of a picture and what is in it. Drop such a table together with its pictures.`,
    );
  }
  const parsed = parseCsv(text, delimiter);
  if (parsed.rows.length === 0) {
    throw new EngineError('datasetEmpty', 'This table is empty. Drop one with a row for each picture.');
  }
  const columnCount = mostCommonWidth(parsed.rows);
  if (columnCount < 2) {
    throw new EngineError(
      'datasetLayout',
      'This table has only one column, and labels take two: the name of a picture and what is in it. If it has more than one, choose the character that stands between them.',
    );
  }
  return { delimiter: parsed.delimiter, columnCount, rows: parsed.rows };
}

/** The lesson's columns (first the id, then the label) and separator (a space), unless the header's words say otherwise. */
export function guessColumns({ rows, columnCount }: CsvTable): LabelColumns {
  const names = rows[0]?.cells.slice(0, columnCount) ?? [];
  const namedId = names.findIndex((name) => ID_NAMES.test(name.trim()));
  const namedLabel = names.findIndex((name) => LABEL_NAMES.test(name.trim()));
  const idColumn = namedId >= 0 ? namedId : namedLabel === 0 ? 1 : 0;
  return {
    idColumn,
    labelColumn: namedLabel >= 0 ? namedLabel : idColumn === 0 ? 1 : 0,
    hasHeader: namedId >= 0 || namedLabel >= 0 || standsOut(rows),
    separator: ' ',
  };
}

/** Whether the first row lacks a mark that every other row has in the same column. */
function standsOut(rows: readonly CsvRow[]): boolean {
  const [first, ...others] = rows.slice(0, COMPARED_ROWS);
  if (first === undefined || others.length === 0) return false;
  return first.cells.some((name, column) =>
    CELL_MARKS.some((mark) => !mark.test(name.trim()) && others.every(({ cells }) => mark.test(cells[column] ?? ''))),
  );
}

function mostCommonWidth(rows: readonly CsvRow[]): number {
  const rowsOfWidth = new Map<number, number>();
  for (const { cells } of rows) rowsOfWidth.set(cells.length, (rowsOfWidth.get(cells.length) ?? 0) + 1);
  const [widest] = [...rowsOfWidth].sort(([widthA, a], [widthB, b]) => b - a || widthB - widthA);
  return widest?.[0] ?? 0;
}
