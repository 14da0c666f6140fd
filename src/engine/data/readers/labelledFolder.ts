// A folder whose labels stand in a table -> what the table would give, and the reading that openDataset goes on with. Every
// picture and every row that is left out is listed with its reason. Rows that give a picture several labels make tags of them all.

import type { DroppedFile, LabelKind, SetAsideFile } from '../../../protocol/dataset.ts';
import { EngineError } from '../../../protocol/errors.ts';
import type { LabelDescription, LabelOptions } from '../../../protocol/labels.ts';
import { isSubmissionSample } from '../../../protocol/submission.ts';
import { parseCsv } from '../csvText.ts';
import type { LabelRow } from './csvLabels.ts';
import { type CsvTable, guessColumns, readCsvTable } from './csvTable.ts';
import {
  compareCodeUnits,
  type FolderEntry,
  type FolderReading,
  type PlacedFile,
  placeFiles,
  splitOf,
} from './folder.ts';
import { type LabelMatch, matchLabels } from './matchLabels.ts';
import { hasPictureSuffix, indexPaths, type PathIndex } from './pathIndex.ts';

export interface LabelledFolder {
  readonly tables: readonly PlacedFile[];
  /** Pictures that rows may name. Like the others sorted by path. */
  readonly pictures: readonly PlacedFile[];
  readonly testPictures: readonly PlacedFile[];
  readonly others: readonly PlacedFile[];
  readonly ignoredCount: number;
  readonly index: PathIndex;
}

const NO_TABLE: CsvTable = { delimiter: ',', columnCount: 0, rows: [] };
const DELIMITERS = [',', ';', '\t', '|'];
/** Tables of one label for each picture are far smaller; those of pixels are not. */
const MAX_TABLE_BYTES = 200e6;
/** ImageNet in full has 21,841; what a network can tell apart is far less. */
const MAX_CLASSES = 100_000;
const ROWS_SHOWN = 6;
const UNMATCHED_SHOWN = 5;
const PATHS_NAMED = 3;

/** By names alone. Null when there is no table, no picture beside it, or when folders say the classes already. */
export function findLabelledFolder(files: readonly DroppedFile[]): LabelledFolder | null {
  const placed = placeFiles(files);
  const tables = placed.filter(({ path }) => /\.csv$/i.test(path));
  const isPicture = ({ path, parts }: PlacedFile) => hasPictureSuffix(path) || !(parts.at(-1) as string).includes('.');
  const allPictures = placed.filter(isPicture);
  const pictures = allPictures.filter((picture) => splitOf(picture) !== 'test');
  if (tables.length === 0 || pictures.length === 0 || countClassFolders(pictures) >= 2) return null;
  return {
    tables,
    pictures,
    testPictures: allPictures.filter((picture) => splitOf(picture) === 'test'),
    others: placed.filter((one) => !isPicture(one) && !tables.includes(one)),
    ignoredCount: files.length - placed.length,
    index: indexPaths(pictures.map(({ path }) => path)),
  };
}

/** As `readFolder` would find them. */
function countClassFolders(pictures: readonly PlacedFile[]): number {
  const isSplit = pictures.some((picture) => splitOf(picture) === 'train');
  const [place, inside] = isSplit ? [1, pictures.filter((picture) => splitOf(picture) !== null)] : [0, pictures];
  return new Set(inside.flatMap(({ parts }) => (parts.length >= place + 2 ? [parts[place]] : []))).size;
}

/** @param given the rest is guessed. A table that cannot be used is described too, with the reason in `problem`. */
export async function describeLabels(folder: LabelledFolder, given: Partial<LabelOptions>): Promise<LabelDescription> {
  const tablePath = given.tablePath ?? guessTable(folder.tables);
  let seen = describeUnread(folder, { ...guessOptions(tablePath, NO_TABLE), ...given });
  try {
    const text = await readTableText(folder, tablePath);
    seen = { ...seen, likelyDelimiters: DELIMITERS.filter((delimiter) => makesTable(text, delimiter)) };
    const table = readCsvTable(text, given.delimiter);
    const options = { ...guessOptions(tablePath, table), ...given };
    const siblings = await readSiblings(folder, table, options);
    seen = { ...seen, options, ...describeTable(table), siblingPaths: siblings.paths };
    const match = matchLabels(siblings.together, folder.index, options);
    return { ...seen, ...describeMatch(match), problem: whyNotUsable(match) };
  } catch (thrown) {
    if (thrown instanceof EngineError) return { ...seen, problem: thrown.message };
    throw thrown;
  }
}

/** Throws an EngineError with the same sentence where `describeLabels` gives a problem. */
export async function readLabelledFolder(folder: LabelledFolder, given: Partial<LabelOptions>): Promise<FolderReading> {
  const tablePath = given.tablePath ?? guessTable(folder.tables);
  const table = readCsvTable(await readTableText(folder, tablePath), given.delimiter);
  const options = { ...guessOptions(tablePath, table), ...given };
  const siblings = await readSiblings(folder, table, options);
  const match = matchLabels(siblings.together, folder.index, options);
  const problem = whyNotUsable(match);
  if (problem !== null) throw new EngineError('datasetLayout', problem);
  const { labelsOf, unclear } = labelPictures(match);
  const readPaths = [tablePath, ...siblings.paths];
  return {
    layout: 'csv',
    labelKind: kindOf(match),
    classes: classesOf(match),
    entries: listEntries(folder, labelsOf),
    setAside: [...unclear, ...listRows(match), ...listPictures(match, readPaths), ...listOthers(folder, readPaths)],
    ignoredCount: folder.ignoredCount,
    classesMissingInTrain: [],
    nested: null,
    twiceWritten: [],
  };
}

/** In the order of the table, as the lesson's folds count; then the test pictures. */
function listEntries(
  { pictures, testPictures }: LabelledFolder,
  labelsOf: ReadonlyMap<string, readonly string[]>,
): FolderEntry[] {
  const pictureAt = new Map(pictures.map((picture) => [picture.path, picture]));
  const hasValid = pictures.some((picture) => splitOf(picture) === 'valid');
  const entries = Array.from(labelsOf, ([path, classNames]): FolderEntry => {
    const picture = pictureAt.get(path) as PlacedFile;
    return { path, file: picture.file, split: hasValid ? splitOf(picture) : null, classNames };
  });
  return [
    ...entries,
    ...testPictures.map(({ path, file }) => ({ path, file, split: 'test' as const, classNames: null })),
  ];
}

function describeUnread(folder: LabelledFolder, options: LabelOptions): LabelDescription {
  return {
    options,
    tablePaths: folder.tables.map(({ path }) => path),
    siblingPaths: [],
    likelyDelimiters: [],
    columnCount: 0,
    firstRows: [],
    rowCount: 0,
    matchedCount: 0,
    unmatchedCount: 0,
    firstUnmatched: [],
    ambiguousCount: 0,
    unreadableCount: 0,
    pictureCount: folder.pictures.length,
    testCount: folder.testPictures.length,
    withoutRowCount: folder.pictures.length,
    classes: [],
    hasSeveralLabels: false,
    problem: null,
  };
}

/** A table of labels is often called so, and lies beside an example of what a competition wants back. */
function guessTable(tables: readonly PlacedFile[]): string {
  const nameOf = ({ parts }: PlacedFile) => parts.at(-1) as string;
  const named = tables.find((table) => /label/i.test(nameOf(table)));
  const plain = tables.find((table) => !/sample|submission|test|valid/i.test(nameOf(table)));
  return ((named ?? plain ?? tables[0]) as PlacedFile).path;
}

function guessOptions(tablePath: string, table: CsvTable): LabelOptions {
  return { tablePath, delimiter: table.delimiter, ...guessColumns(table), suffix: '' };
}

async function readTableText({ tables }: LabelledFolder, path: string): Promise<string> {
  const table = tables.find((one) => one.path === path);
  if (!table) {
    throw new EngineError(
      'settingInvalid',
      `There is no table “${path}” in what you dropped. Choose one that is there.`,
    );
  }
  if (table.file.size > MAX_TABLE_BYTES) {
    throw new EngineError(
      'datasetLayout',
      'This table is larger than 200 MB, so it seems to hold more than labels. Nothing was opened. Drop a table with a row for each picture.',
    );
  }
  return new TextDecoder().decode(new Uint8Array(await table.file.arrayBuffer()));
}

/** A competition's example of what it wants back often has the header of its labels, and means nothing. */
const EXAMPLE_NAME = /sample|submission|example/i;

/** The other tables with the chosen one's header: labels are often one table for each split. Read as one, in the order of paths. */
async function readSiblings(
  folder: LabelledFolder,
  table: CsvTable,
  { tablePath, hasHeader, delimiter }: LabelOptions,
): Promise<{ readonly paths: readonly string[]; readonly together: CsvTable }> {
  const header = table.rows[0]?.cells.join('\n');
  if (!hasHeader || EXAMPLE_NAME.test(tablePath)) return { paths: [], together: table };
  const paths: string[] = [];
  const rows = [...table.rows];
  for (const { path } of folder.tables) {
    if (path === tablePath || EXAMPLE_NAME.test(path)) continue;
    const text = await readTableText(folder, path);
    const sibling = parseCsv(text, delimiter);
    if (sibling.rows[0]?.cells.join('\n') !== header) continue;
    paths.push(path);
    // Not spread into push: a million arguments are more than a call takes.
    for (const row of sibling.rows.slice(1)) rows.push(row);
  }
  return { paths, together: { ...table, rows } };
}

function makesTable(text: string, delimiter: string): boolean {
  const widths = new Set(parseCsv(text, delimiter, ROWS_SHOWN).rows.map(({ cells }) => cells.length));
  return widths.size === 1 && !widths.has(1);
}

function describeTable({ columnCount, rows }: CsvTable): Pick<LabelDescription, 'columnCount' | 'firstRows'> {
  const firstRows = rows.slice(0, ROWS_SHOWN).map(({ number, cells }) => ({ rowNumber: number, cells }));
  return { columnCount, firstRows };
}

function describeMatch(match: LabelMatch) {
  const { labels, matched, unmatched, ambiguous, picturesWithoutRow } = match;
  return {
    rowCount: labels.rows.length,
    matchedCount: matched.length,
    unmatchedCount: unmatched.length,
    firstUnmatched: unmatched.slice(0, UNMATCHED_SHOWN).map(({ row: { rowNumber, id }, nearestPaths }) => {
      return { rowNumber, id, nearestPaths };
    }),
    ambiguousCount: ambiguous.length,
    unreadableCount: labels.unreadableRows.length,
    withoutRowCount: picturesWithoutRow.length,
    classes: classesOf(match),
    hasSeveralLabels: kindOf(match) === 'tags',
  } satisfies Partial<LabelDescription>;
}

/** Of pictures that will be used: a class without any could be neither learnt nor checked. */
function classesOf(match: LabelMatch): string[] {
  return [...new Set([...labelPictures(match).labelsOf.values()].flat())].sort(compareCodeUnits);
}

/** One row with several labels makes tags of all: the others then have one, or none. */
function kindOf({ labels }: LabelMatch): LabelKind {
  return labels.rows.some((row) => row.labels.length > 1) ? 'tags' : 'oneClass';
}

function whyNotUsable(match: LabelMatch): string | null {
  if (match.matched.length === 0) {
    return 'No row names a picture that you dropped. Choose the column that does, or the suffix that its names lack.';
  }
  const classes = classesOf(match);
  if (classes.length > MAX_CLASSES) {
    return `The column of the labels holds ${classes.length} different ones, so it seems to hold names or sentences. Choose another column, or the character that stands between labels.`;
  }
  if (classes.length >= 2) return null;
  const found =
    classes[0] === undefined
      ? 'No row with a picture names a class'
      : `All rows with a picture say ${quote(classes[0])}`;
  return `${found}, and telling classes apart takes two. Choose another column for the labels.`;
}

interface LabelledPictures {
  /** In the order of the table. */
  readonly labelsOf: ReadonlyMap<string, readonly string[]>;
  readonly unclear: readonly SetAsideFile[];
}

/** By path. */
function labelPictures(match: LabelMatch): LabelledPictures {
  return kindOf(match) === 'tags' ? tagPictures(match) : classPictures(match);
}

/** All that the rows of a picture say; a picture without a tag shows none of the classes. */
function tagPictures({ matched }: LabelMatch): LabelledPictures {
  const tagsOf = new Map<string, Set<string>>();
  for (const { row, path } of matched) {
    const tags = tagsOf.get(path) ?? new Set();
    for (const label of row.labels) tags.add(label);
    tagsOf.set(path, tags);
  }
  return { labelsOf: new Map(Array.from(tagsOf, ([path, tags]) => [path, [...tags]])), unclear: [] };
}

/** One label for each picture; those that rows give none, or two different ones, are listed instead. */
function classPictures({ matched }: LabelMatch): LabelledPictures {
  const first = new Map<string, { readonly rowNumber: number; readonly label: string }>();
  const whyUnclear = new Map<string, string>();
  for (const { row, path } of matched) {
    const [label] = row.labels;
    const above = first.get(path);
    if (label === undefined) whyUnclear.set(path, `Row ${row.rowNumber} of the table gives it no label.`);
    else if (above === undefined) first.set(path, { rowNumber: row.rowNumber, label });
    else if (above.label !== label) {
      const rows = `Row ${above.rowNumber} of the table says ${quote(above.label)} and row ${row.rowNumber} ${quote(label)}`;
      whyUnclear.set(path, `${rows}, so its class is not clear.`);
    }
  }
  const clear = [...first].filter(([path]) => !whyUnclear.has(path));
  return {
    labelsOf: new Map(clear.map(([path, { label }]) => [path, [label]])),
    unclear: Array.from(whyUnclear, ([path, sentence]): SetAsideFile => ({ path, reason: 'rowUnclear', sentence })),
  };
}

function listRows({ labels, unmatched, ambiguous }: LabelMatch): SetAsideFile[] {
  return [
    ...labels.unreadableRows.map(({ rowNumber, sentence }): SetAsideFile => {
      return { path: `row ${rowNumber}`, reason: 'rowUnclear', sentence };
    }),
    ...ambiguous.map(({ row, paths }): SetAsideFile => {
      const named = paths.slice(0, PATHS_NAMED).map(quote).join(', ');
      return {
        path: row.id,
        reason: 'rowUnclear',
        sentence: `Row ${row.rowNumber} of the table fits several pictures: ${named}.`,
      };
    }),
    ...unmatched.map(({ row, nearestPaths }) => describeUnmatched(row, nearestPaths)),
  ];
}

function describeUnmatched({ rowNumber, id }: LabelRow, nearestPaths: readonly string[]): SetAsideFile {
  const nearest = nearestPaths[0] === undefined ? '' : ` The nearest name is ${quote(nearestPaths[0])}.`;
  const sentence = `Row ${rowNumber} of the table names a picture that was not dropped.${nearest}`;
  return { path: id, reason: 'rowWithoutPicture', sentence };
}

/** Pictures of an ambiguous row are here too: the row does not say which one it means. */
function listPictures({ picturesWithoutRow }: LabelMatch, readPaths: readonly string[]): SetAsideFile[] {
  const sentence = `No row of ${readPaths.map(quote).join(' or ')} names this picture alone.`;
  return picturesWithoutRow.map((path) => ({ path, reason: 'pictureWithoutRow', sentence }));
}

function listOthers({ tables, others }: LabelledFolder, readPaths: readonly string[]): SetAsideFile[] {
  return [
    ...tables
      .filter(({ path }) => !readPaths.includes(path) && !isSubmissionSample(path))
      .map(({ path }) => ({
        path,
        reason: 'notAPicture' as const,
        sentence: `The labels are those of ${readPaths.map(quote).join(' and ')}.`,
      })),
    ...others.map(({ path }) => ({ path, reason: 'notAPicture' as const, sentence: 'The file is not a picture.' })),
  ];
}

function quote(text: string): string {
  return `“${text}”`;
}
