// Dropped folders -> which file belongs to which split and class. Looks at names only; nothing is decoded here, nothing is
// guessed silently: what is left out is listed with a reason.

import type { DatasetLayout, DroppedFile, LabelKind, SetAsideFile, Split } from '../../../protocol/dataset.ts';
import { EngineError } from '../../../protocol/errors.ts';
import { isSubmissionSample } from '../../../protocol/submission.ts';

export interface FolderEntry {
  readonly path: string;
  readonly file: Blob;
  /** Null: class folders alone, the split is still to be made. */
  readonly split: Split | null;
  /** Its class, or its tags; null for a picture of the test folder without a class folder. */
  readonly classNames: readonly string[] | null;
}

export interface FolderReading {
  readonly layout: DatasetLayout;
  readonly labelKind: LabelKind;
  /** Class names of the training folders or of the table, sorted by code unit. */
  readonly classes: readonly string[];
  /** Sorted by path, or in the order of the table: never in the order in which a browser walks a folder. */
  readonly entries: readonly FolderEntry[];
  readonly setAside: readonly SetAsideFile[];
  readonly ignoredCount: number;
  /** Classes with validation pictures but no training folder. */
  readonly classesMissingInTrain: readonly string[];
  /** Pictures in folders inside class folders, which are read as the class of the outer one. Null where there are none. */
  readonly nested: NestedFolders | null;
  /** Classes whose folders are called alike, but with marks written as one character here and as two there. */
  readonly twiceWritten: readonly string[];
}

export interface NestedFolders {
  readonly count: number;
  readonly firstFolder: string;
  readonly firstClass: string;
}

/**
 * What a folder is called that holds a split: 'train', 'Validation', and as competitions write it 'train-jpg', 'test1', 'val2017',
 * 'train_images'. No other word may follow, because a class may well be called 'train station'. One digit at a time: a name can be
 * read in one way only, or a hostile one would be read in more ways than there is time for.
 */
const SPLIT_NAME =
  /^(?<split>train|val|test)(?:ing|id|idation)?(?:[-_ ]?(?:jpe?g|png|tiff?|webp|images?|imgs?|pictures|photos|data|set|additional|v?\d))*$/i;
const SPLITS: Readonly<Record<string, Split>> = { train: 'train', val: 'valid', test: 'test' };
const JUNK_NAMES = new Set([
  '__MACOSX',
  'Thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  'Icon\r',
  '@eaDir',
  '$RECYCLE.BIN',
  'System Volume Information',
]);

/** Papers that come with a data set; nobody means them as pictures. */
const PAPER_NAME = /^(readme|licen[cs]e|notice|sources|credits)(\.(md|txt|html?))?$/i;

/** Throws EngineError 'datasetEmpty' or 'datasetLayout' when there is nothing to train on. */
export function readFolder(files: readonly DroppedFile[]): FolderReading {
  // Nothing is wrong with a competition's sample: it is followed when predictions are saved.
  const sorted = placeFiles(files).filter(({ path }) => !isSubmissionSample(path));
  if (sorted.length === 0) {
    throw new EngineError('datasetEmpty', 'There are no files in what you dropped. Choose a folder of class folders.');
  }
  const splits = new Set(sorted.map(splitOf).filter((split) => split !== null));
  const hasSplits = splits.has('train');
  const read = hasSplits ? readSplitFolders(sorted, splits.has('valid')) : readClassFolders(sorted);
  const classes = [...new Set(read.entries.filter(isTrainable).map(folderClass))].sort(compareCodeUnits);
  if (classes.length < 2) throw tooFewClasses(classes);
  const known = new Set(classes);
  const isStranger = (entry: FolderEntry) => entry.classNames !== null && !known.has(folderClass(entry));
  // Competitions put test pictures into folders of any name ('test/unknown'), which says nothing about them.
  const entries = read.entries.map((entry) =>
    entry.split === 'test' && isStranger(entry) ? { ...entry, classNames: null } : entry,
  );
  const strangers = entries.filter(isStranger);
  return {
    layout: hasSplits ? 'splitFolders' : 'classFolders',
    labelKind: 'oneClass',
    classes,
    entries: entries.filter((entry) => !isStranger(entry)),
    setAside: [
      ...read.setAside,
      ...strangers.map((entry) => ({
        path: entry.path,
        reason: 'unknownClass' as const,
        sentence: `The training folder has no class “${folderClass(entry)}”.`,
      })),
    ],
    ignoredCount: countJunk(files),
    classesMissingInTrain: [...new Set(strangers.map(folderClass))].sort(compareCodeUnits),
    ...describeFolders(read.folders, known),
  };
}

/** By UTF-16 code unit, as Python and every seed in this project sort; never by locale. */
export function compareCodeUnits(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function countJunk(files: readonly DroppedFile[]): number {
  return files.filter(({ path }) => isJunk(path)).length;
}

function isJunk(path: string): boolean {
  const parts = path.split('/');
  return parts.some((part) => part.startsWith('.') || JUNK_NAMES.has(part)) || PAPER_NAME.test(parts.at(-1) as string);
}

/** A file with the folders that mean something: those below the wrappers. Its path stays the one that was dropped. */
export interface PlacedFile extends DroppedFile {
  readonly parts: readonly string[];
}

/** Without junk, sorted by path. */
export function placeFiles(files: readonly DroppedFile[]): PlacedFile[] {
  const kept = files.filter((file) => !isJunk(file.path));
  const wrapper = findWrapper(kept.map((file) => file.path));
  return kept
    .map(({ path, file }): PlacedFile => ({ path, file, parts: path.slice(wrapper.length).split('/') }))
    .sort((a, b) => compareCodeUnits(a.path, b.path));
}

/** The folders that hold nothing but one folder of folders, with a slash at the end: 'pictures/animals/', or ''. */
function findWrapper(paths: readonly string[]): string {
  const [first = [], ...others] = paths.map((path) => path.split('/').slice(0, -1));
  let shared = first.length;
  for (const folders of others) {
    const place = folders.slice(0, shared).findIndex((folder, index) => folder !== first[index]);
    shared = place === -1 ? Math.min(shared, folders.length) : place;
  }
  const deepest = others.reduce((most, folders) => Math.max(most, folders.length), first.length);
  const wrappers = first.slice(0, Math.max(0, Math.min(shared, deepest - 1)));
  const place = wrappers.findIndex((folder) => readSplitName(folder) !== null);
  return (place === -1 ? wrappers : wrappers.slice(0, place)).map((folder) => `${folder}/`).join('');
}

/** A class folder as it is written, and whether the picture lies in a folder inside it. */
interface ClassFolder {
  readonly path: string;
  readonly writtenAs: string;
  readonly isDeeper: boolean;
}

interface PartialReading {
  readonly entries: FolderEntry[];
  readonly setAside: SetAsideFile[];
  /** Of each picture that a class folder holds. */
  readonly folders: ClassFolder[];
}

function describeFolders(
  folders: readonly ClassFolder[],
  classes: ReadonlySet<string>,
): Pick<FolderReading, 'nested' | 'twiceWritten'> {
  const deeper = folders.filter(({ isDeeper }) => isDeeper);
  const [first] = deeper;
  const seen = new Set<string>();
  const twice = new Set<string>();
  for (const writtenAs of new Set(folders.map((folder) => folder.writtenAs))) {
    const name = tidyClassName(writtenAs);
    if (seen.has(name) && classes.has(name)) twice.add(name);
    seen.add(name);
  }
  return {
    nested: first
      ? {
          count: deeper.length,
          firstFolder: first.path.slice(0, first.path.lastIndexOf('/')),
          firstClass: tidyClassName(first.writtenAs),
        }
      : null,
    twiceWritten: [...twice].sort(compareCodeUnits),
  };
}

/** An é is one character whether macOS wrote it as one or two: a class may come from both, one in train and one in valid. */
function tidyClassName(writtenAs: string): string {
  return writtenAs.normalize('NFC');
}

function readSplitFolders(files: readonly PlacedFile[], hasValid: boolean): PartialReading {
  const reading: PartialReading = { entries: [], setAside: [], folders: [] };
  for (const placed of files) {
    const { path, file, parts } = placed;
    const split = splitOf(placed);
    if (split === null) reading.setAside.push(withoutClass(path, 'It lies outside the train and valid folders.'));
    else if (split === 'test') reading.entries.push(testEntry(placed));
    else if (parts.length >= 3) {
      const isUnsplit = split === 'train' && !hasValid;
      const writtenAs = parts[1] as string;
      reading.entries.push({ path, file, split: isUnsplit ? null : split, classNames: [tidyClassName(writtenAs)] });
      reading.folders.push({ path, writtenAs, isDeeper: parts.length > 3 });
    } else reading.setAside.push(withoutClass(path, 'It lies beside the class folders, so it has no class.'));
  }
  return reading;
}

/** A folder 'test' beside two classes or more holds the test pictures; beside one class it is the other one. */
function readClassFolders(files: readonly PlacedFile[]): PartialReading {
  const reading: PartialReading = { entries: [], setAside: [], folders: [] };
  const isTest = (placed: PlacedFile) => splitOf(placed) === 'test';
  const classNames = files.filter((placed) => placed.parts.length > 1 && !isTest(placed)).map(({ parts }) => parts[0]);
  const hasTest = new Set(classNames).size >= 2;
  for (const placed of files) {
    const { path, file, parts } = placed;
    const [className, ...rest] = parts;
    if (hasTest && isTest(placed)) reading.entries.push(testEntry(placed));
    else if (rest.length > 0) {
      const writtenAs = className as string;
      reading.entries.push({ path, file, split: null, classNames: [tidyClassName(writtenAs)] });
      reading.folders.push({ path, writtenAs, isDeeper: rest.length > 1 });
    } else reading.setAside.push(withoutClass(path, 'It lies beside the class folders, so it has no class.'));
  }
  return reading;
}

function testEntry({ path, file, parts }: PlacedFile): FolderEntry {
  return { path, file, split: 'test', classNames: parts.length >= 3 ? [tidyClassName(parts[1] as string)] : null };
}

/** What the topmost folder says; null for a file beside the folders or in another one. */
export function splitOf({ parts }: PlacedFile): Split | null {
  const [top, ...rest] = parts;
  return rest.length > 0 ? readSplitName(top as string) : null;
}

function readSplitName(folder: string): Split | null {
  return SPLITS[SPLIT_NAME.exec(folder)?.groups?.split?.toLowerCase() ?? ''] ?? null;
}

/** Of an entry that a class folder holds. */
function folderClass({ classNames }: FolderEntry): string {
  return classNames?.[0] as string;
}

function isTrainable(entry: FolderEntry): boolean {
  return entry.split === 'train' || entry.split === null;
}

function withoutClass(path: string, sentence: string): SetAsideFile {
  return { path, reason: 'noClass', sentence };
}

function tooFewClasses(classes: readonly string[]): EngineError {
  const found = classes[0] === undefined ? 'no class folder' : `only one class folder, “${classes[0]}”`;
  return new EngineError(
    'datasetLayout',
    `There is ${found} in what you dropped, and telling classes apart takes two. Drop a folder with one folder of pictures for each class, with a train and a valid folder that hold them, or with pictures and a CSV file of their labels.`,
  );
}
