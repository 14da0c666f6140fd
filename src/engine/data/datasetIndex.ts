// The data set as the engine keeps it: files with class and split, and the summary that the page shows.

import type {
  ClassCounts,
  DatasetSummary,
  DatasetWarning,
  LabelKind,
  PictureSummary,
  SetAsideFile,
  Split,
  SplitOptions,
  SplitOrigin,
} from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { hash } from '../random.ts';
import { splitForFold } from './crossValidation.ts';
import { adviseOnImbalance } from './imbalance.ts';
import type { FolderReading } from './readers/folder.ts';
import type { CheckedPictures } from './readPictures.ts';
import { splitStratified } from './split.ts';

export interface DatasetIndex {
  readonly summary: DatasetSummary;
  /** The file of each picture, by picture id. */
  readonly files: readonly Blob[];
}

export interface IndexOptions extends SplitOptions {
  readonly name: string;
}

/** Below this many validation pictures one picture moves the third decimal (LESSON section 5.7). */
const ENOUGH_VALIDATION_PICTURES = 1000;

/** Throws EngineError 'datasetEmpty' when no picture could be opened or a split has none, 'settingInvalid' for a fold. */
export function indexDataset(reading: FolderReading, checked: CheckedPictures, options: IndexOptions): DatasetIndex {
  const classIndexOf = new Map(reading.classes.map((name, index) => [name, index]));
  const labels = checked.pictures.map(
    ({ classNames }) => classNames?.flatMap((name) => classIndexOf.get(name) ?? []).sort((a, b) => a - b) ?? null,
  );
  const splits = assignSplits(checked, labels, options);
  const pictures = checked.pictures.map(
    ({ path, widthPx, heightPx }, id): PictureSummary => ({
      id,
      path,
      split: splits[id] as Split,
      classIndices: labels[id] ?? null,
      widthPx,
      heightPx,
    }),
  );
  const counts = countByClass(reading.classes, pictures);
  const setAside = [...reading.setAside, ...checked.setAside];
  checkTrainable(pictures, setAside, options);
  const splitOrigin = originOf(reading, options);
  return {
    files: checked.pictures.map((picture) => picture.file),
    summary: {
      name: options.name,
      fingerprint: fingerprint(pictures, checked),
      layout: reading.layout,
      labelKind: reading.labelKind,
      splitOrigin,
      classes: reading.classes,
      counts,
      pictures,
      setAside,
      ignoredCount: reading.ignoredCount,
      warnings: findWarnings(reading, splitOrigin, counts, pictures, setAside),
    },
  };
}

/** Class indices of each picture; null for an unlabelled one. */
type Labels = readonly (readonly number[] | null)[];

function assignSplits(checked: CheckedPictures, labels: Labels, options: SplitOptions): Split[] {
  if (options.usesAll) return checked.pictures.map(({ split }) => (split === 'test' ? 'test' : 'train'));
  const unsplit = checked.pictures.flatMap((picture, id) => (picture.split === null ? [id] : []));
  const validIds = new Set(drawValidation(unsplit, labels, options));
  return checked.pictures.map((picture, id) => picture.split ?? (validIds.has(id) ? 'valid' : 'train'));
}

function drawValidation(
  ids: readonly number[],
  labels: Labels,
  { validationShare, seed, fold }: SplitOptions,
): readonly number[] {
  if (ids.length === 0) return [];
  if (fold !== undefined) return splitForFold(ids, { fold, validationShare, seed }).valid;
  const isValid = splitStratified(rarestOf(ids.map((id) => labels[id] ?? [])), validationShare, seed);
  return ids.filter((_, position) => isValid[position]);
}

/** The rarest tag of each picture, so that a share of it goes to each side; -1 for a picture without any. One class is its own. */
function rarestOf(labels: readonly (readonly number[])[]): number[] {
  const counts = new Map<number, number>();
  for (const classIndex of labels.flat()) counts.set(classIndex, (counts.get(classIndex) ?? 0) + 1);
  const countOf = (classIndex: number) => counts.get(classIndex) as number;
  return labels.map((indices) =>
    indices.reduce((rarest, index) => (rarest === -1 || countOf(index) < countOf(rarest) ? index : rarest), -1),
  );
}

function originOf({ entries }: FolderReading, { validationShare, seed, fold, usesAll }: SplitOptions): SplitOrigin {
  const hasFolderSplit = entries.every((entry) => entry.split !== null);
  if (usesAll) return { kind: 'all', hasFolderSplit };
  if (hasFolderSplit) return { kind: 'folders' };
  return fold === undefined
    ? { kind: 'stratified', validationShare, seed }
    : { kind: 'fold', fold, validationShare, seed };
}

type MutableCounts = { -readonly [Key in keyof ClassCounts]: ClassCounts[Key] };

function countByClass(classes: readonly string[], pictures: readonly PictureSummary[]): ClassCounts[] {
  const counts = classes.map((className) => ({ className, train: 0, valid: 0, test: 0 }));
  for (const { classIndices, split } of pictures) {
    for (const classIndex of classIndices ?? []) (counts[classIndex] as MutableCounts)[split] += 1;
  }
  return counts;
}

function checkTrainable(
  pictures: readonly PictureSummary[],
  setAside: readonly SetAsideFile[],
  { usesAll }: SplitOptions,
): void {
  for (const split of usesAll ? (['train'] as const) : (['train', 'valid'] as const)) {
    if (pictures.some((picture) => picture.split === split)) continue;
    const why = setAside[0] ? ` The first of ${setAside.length} files set aside: ${setAside[0].sentence}` : '';
    throw new EngineError(
      'datasetEmpty',
      `No picture could be used for ${split === 'train' ? 'training' : 'validation'}.${why} Your files are as they were. Drop a folder with at least two pictures for each class.`,
    );
  }
}

function findWarnings(
  reading: FolderReading,
  { kind }: SplitOrigin,
  counts: readonly ClassCounts[],
  pictures: readonly PictureSummary[],
  setAside: readonly SetAsideFile[],
): DatasetWarning[] {
  const warnings: DatasetWarning[] = [];
  for (const className of reading.classesMissingInTrain) {
    warnings.push({
      code: 'classMissingInTrain',
      sentence: `“${className}” has validation pictures but no training pictures, so it cannot be learnt. Its pictures are set aside. Add a training folder “${className}” and drop the folder again.`,
    });
  }
  for (const { className, train, valid } of counts) {
    if (train === 0 && valid > 0 && kind === 'fold') {
      warnings.push({
        code: 'classTooSmall',
        sentence: `All pictures of “${className}” are in the validation part of this fold, so it cannot be learnt. Choose another fold, or keep a share of every class.`,
      });
    } else if (train === 0) {
      const sentence =
        reading.labelKind === 'tags'
          ? `No training picture has the tag “${className}”, so it cannot be learnt. Add pictures of it to learn from.`
          : `No training picture of “${className}” could be opened. Mend its files and drop the folder again.`;
      warnings.push({ code: 'classTooSmall', sentence });
    } else if (valid === 0 && kind !== 'all') {
      warnings.push({
        code: 'classMissingInValid',
        sentence: `“${className}” has no validation pictures, so nobody will know how well it is learnt. ${toValidateAct(kind)}`,
      });
    }
  }
  const { act, sentence } = adviseOnImbalance(counts, reading.labelKind);
  if (act !== 'nothing') warnings.push({ code: 'unbalanced', sentence });
  if (setAside.length > 0) {
    const [file, files] = reading.layout === 'csv' ? ['file or row', 'files and rows'] : ['file', 'files'];
    const what = setAside.length === 1 ? `One ${file} is` : `${setAside.length} ${files} are`;
    warnings.push({ code: 'filesSetAside', sentence: `${what} set aside and not used; the list below says why.` });
  }
  const validCount = pictures.filter(({ split }) => split === 'valid').length;
  if (kind === 'all') {
    warnings.push({
      code: 'noValidation',
      sentence:
        'Every labelled picture is learnt from and none is kept to check with, so nothing here will say how good the network is. Repeat steps that have proven themselves with validation pictures; to choose between settings, split the pictures again.',
    });
  } else if (validCount < ENOUGH_VALIDATION_PICTURES) {
    warnings.push({ code: 'validationSmall', sentence: describeSmallValidation(validCount, reading.labelKind) });
  }
  return warnings;
}

function describeSmallValidation(validCount: number, labelKind: LabelKind): string {
  const share = (100 / validCount).toFixed(validCount < 100 ? 0 : 1);
  const few = `With ${validCount} validation pictures, one picture is ${share} % of`;
  return labelKind === 'tags'
    ? `${few} the F2, and thresholds fit themselves to so few. Do not read small differences.`
    : `${few} accuracy. Read small differences with the interval beside them.`;
}

function toValidateAct(kind: SplitOrigin['kind']): string {
  if (kind === 'fold') return 'Choose another fold, or keep a share of every class.';
  if (kind === 'stratified') return 'Add pictures of it: one to learn from and one to check with are the least.';
  return 'Move a few of its pictures to the validation folder, or drop class folders alone and let the studio split them.';
}

/** Changes with any path, size, class, split or place: a table's order is the order of its pictures, others are sorted. */
function fingerprint(pictures: readonly PictureSummary[], { pictures: checked }: CheckedPictures): string {
  const lines = pictures.map(
    ({ path, split, classIndices }, id) => `${path}\t${checked[id]?.file.size}\t${split}\t${classIndices}`,
  );
  const text = lines.join('\n');
  // Two hashes of 32 bits over different texts: a clash would silently reuse another data set's features.
  return [text, `windowbox\n${text}`].map((part) => hash(part).toString(16).padStart(8, '0')).join('');
}
