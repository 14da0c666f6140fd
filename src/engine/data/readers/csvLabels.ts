// Table -> one row of labels for each picture, as the lesson's from_csv reads it (LESSON section 5.2). Nothing is dropped
// silently: a row that cannot be read is listed with the reason.

import { EngineError } from '../../../protocol/errors.ts';
import type { CsvRow } from '../csvText.ts';
import type { CsvTable, LabelColumns } from './csvTable.ts';
import { compareCodeUnits } from './folder.ts';

export interface LabelRow {
  /** As a spreadsheet counts, from 1. */
  readonly rowNumber: number;
  readonly id: string;
  /** Each label once, in the row's order. None: nothing that the classes stand for is in the picture. */
  readonly labels: readonly string[];
}

export interface UnreadableRow {
  readonly rowNumber: number;
  readonly cells: readonly string[];
  readonly sentence: string;
}

export interface CsvLabels {
  /** In the order of the table; a row that comes twice is kept twice. */
  readonly rows: readonly LabelRow[];
  /** Over all rows, sorted by code unit. */
  readonly classes: readonly string[];
  /** False when every row has exactly one label. */
  readonly isMultiLabel: boolean;
  readonly unreadableRows: readonly UnreadableRow[];
}

/**
 * An empty label cell means no labels; words such as "NA" or "None" are labels like others, unlike in pandas.
 * Throws EngineError 'settingInvalid' for a column that is not there, 'datasetEmpty' when no row can be read.
 */
export function readCsvLabels(table: CsvTable, columns: LabelColumns): CsvLabels {
  checkColumns(table, columns);
  const rows: LabelRow[] = [];
  const unreadableRows: UnreadableRow[] = [];
  for (const row of columns.hasHeader ? table.rows.slice(1) : table.rows) {
    const sentence = whyUnreadable(row, table, columns);
    if (sentence === null) rows.push(readRow(row, columns));
    else unreadableRows.push({ rowNumber: row.number, cells: row.cells, sentence });
  }
  if (rows.length === 0) {
    const why = unreadableRows[0] ? unreadableRows[0].sentence : 'There is nothing below its header.';
    throw new EngineError('datasetEmpty', `No row of this table can be read. ${why}`);
  }
  return {
    rows,
    classes: [...new Set(rows.flatMap(({ labels }) => labels))].sort(compareCodeUnits),
    isMultiLabel: rows.some(({ labels }) => labels.length !== 1),
    unreadableRows,
  };
}

function checkColumns({ columnCount }: CsvTable, { idColumn, labelColumn, separator }: LabelColumns): void {
  for (const column of [idColumn, labelColumn]) {
    if (column >= 0 && column < columnCount) continue;
    throw new EngineError(
      'settingInvalid',
      `This table has ${columnCount} columns, so there is no column ${column + 1}. Choose one of them.`,
    );
  }
  if (separator === '') {
    throw new EngineError(
      'settingInvalid',
      'Labels cannot be separated by nothing. Name a character, or say that each picture has one label.',
    );
  }
}

/** A path may have 4,096 characters on Linux; a cell that is longer is no name and no label. */
const MAX_CELL_LENGTH = 4096;

/** What a decoder writes for bytes that are not UTF-8: different letters become this one, and so two classes the same. */
const UNREADABLE_LETTER = '\ufffd';

function whyUnreadable(
  row: CsvRow,
  { columnCount, delimiter }: CsvTable,
  { idColumn, labelColumn }: LabelColumns,
): string | null {
  const { number, cells, isBroken } = row;
  const read = [cells[idColumn] ?? '', cells[labelColumn] ?? ''];
  if (isBroken) return `In row ${number} a quote does not belong to a pair, so it is not clear where its cells end.`;
  if (read.some((cell) => cell.length > MAX_CELL_LENGTH)) {
    return `Row ${number} has a cell of more than ${MAX_CELL_LENGTH} characters, which is no name and no label.`;
  }
  if (read.some((cell) => cell.includes(UNREADABLE_LETTER))) {
    return `Row ${number} has letters that are not UTF-8. Save the table as CSV (UTF-8) and drop it again.`;
  }
  if ((cells[idColumn] ?? '').trim() === '') return `Row ${number} does not name a picture.`;
  if (cells.slice(columnCount).some((cell) => cell.trim() !== '')) {
    const character = delimiter === '\t' ? 'tab' : `“${delimiter}”`;
    return `Row ${number} has ${cells.length} cells where others have ${columnCount}. A label with a ${character} in it must stand in quotes.`;
  }
  return null;
}

function readRow({ number, cells }: CsvRow, { idColumn, labelColumn, separator }: LabelColumns): LabelRow {
  const text = (cells[labelColumn] ?? '').trim();
  const labels = separator === null ? [text] : text.split(separator).map((label) => label.trim());
  return {
    rowNumber: number,
    id: (cells[idColumn] as string).trim(),
    labels: [...new Set(labels.filter((label) => label !== ''))],
  };
}
