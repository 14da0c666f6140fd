// The data set as the engine keeps it: files with class and split, and the summary that the page shows.

import type {
  ClassCounts,
  DatasetSummary,
  PictureSummary,
  SetAsideFile,
  Split,
  SplitOptions,
  SplitOrigin,
} from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { hash } from '../random.ts';
import { splitForFold } from './crossValidation.ts';
import { findWarnings } from './datasetWarnings.ts';
import { findLeaks } from './findDuplicates.ts';
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
  const leaks = findLeaks(checked.pictures, splits);
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
      leaks,
      warnings: findWarnings({ reading, kind: splitOrigin.kind, counts, pictures, setAside, leaks }),
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

/** Changes with any path, size, class, split or place: a table's order is the order of its pictures, others are sorted. */
function fingerprint(pictures: readonly PictureSummary[], { pictures: checked }: CheckedPictures): string {
  const lines = pictures.map(
    ({ path, split, classIndices }, id) => `${path}\t${checked[id]?.file.size}\t${split}\t${classIndices}`,
  );
  const text = lines.join('\n');
  // Two hashes of 32 bits over different texts: a clash would silently reuse another data set's features.
  return [text, `windowbox\n${text}`].map((part) => hash(part).toString(16).padStart(8, '0')).join('');
}
