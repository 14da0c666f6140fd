// Rows of a label table <-> dropped pictures: what the mapping dialog counts while the person turns its knobs.

import type { CsvLabels, LabelRow } from './csvLabels.ts';
import { readCsvLabels } from './csvLabels.ts';
import type { CsvTable, LabelColumns } from './csvTable.ts';
import { nearestNames } from './nearestNames.ts';
import { type PathIndex, withoutPictureSuffix } from './pathIndex.ts';

export interface MatchOptions extends LabelColumns {
  /** Such as '.jpg', added to ids that lack it; '' matches a picture whatever its suffix. */
  readonly suffix: string;
}

export interface LabelMatch {
  readonly labels: CsvLabels;
  /** Rows with exactly one picture, in the order of the table; a row that comes twice is here twice. */
  readonly matched: readonly { readonly row: LabelRow; readonly path: string }[];
  readonly unmatched: readonly UnmatchedRow[];
  /** Rows whose id fits several pictures, as the same name in two folders does. */
  readonly ambiguous: readonly { readonly row: LabelRow; readonly paths: readonly string[] }[];
  /** In the order of the index. */
  readonly picturesWithoutRow: readonly string[];
}

export interface UnmatchedRow {
  readonly row: LabelRow;
  /** Pictures without a row that are called almost the same, nearest first; looked for in the first rows only. */
  readonly nearestPaths: readonly string[];
}

/** As many unmatched rows as a dialog lists: each is compared with every picture that has no row. */
const COMPARED_ROWS = 20;
const NEAREST_SHOWN = 3;
/** Enough to show that an id is ambiguous; a bad table may have every picture under the same name. */
const AMBIGUOUS_SHOWN = 5;

/**
 * Table and index are made once; this is run again for every change of the options. Throws as `readCsvLabels` does.
 * @param index of the dropped pictures' paths.
 */
export function matchLabels(table: CsvTable, index: PathIndex, options: MatchOptions): LabelMatch {
  const { paths } = index;
  const labels = readCsvLabels(table, options);
  const matched: { row: LabelRow; path: string }[] = [];
  const unmatchedRows: LabelRow[] = [];
  const ambiguous: { row: LabelRow; paths: string[] }[] = [];
  const hasRow = paths.map(() => false);
  for (const row of labels.rows) {
    const [first, ...others] = index.find(row.id, options.suffix).slice(0, AMBIGUOUS_SHOWN);
    if (first === undefined) unmatchedRows.push(row);
    else if (others.length > 0) {
      ambiguous.push({ row, paths: [first, ...others].map((position) => paths[position] as string) });
    } else {
      hasRow[first] = true;
      matched.push({ row, path: paths[first] as string });
    }
  }
  const picturesWithoutRow = paths.filter((_, position) => !hasRow[position]);
  return { labels, matched, unmatched: suggest(unmatchedRows, picturesWithoutRow), ambiguous, picturesWithoutRow };
}

function suggest(rows: readonly LabelRow[], paths: readonly string[]): UnmatchedRow[] {
  const names = rows.length === 0 ? [] : paths.map(bareName);
  return rows.map((row, place) => {
    const nearest = place < COMPARED_ROWS ? nearestNames(bareName(row.id), names, NEAREST_SHOWN) : [];
    return { row, nearestPaths: nearest.map((position) => paths[position] as string) };
  });
}

function bareName(path: string): string {
  return withoutPictureSuffix(path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1));
}
