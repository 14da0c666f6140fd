// The data set as the engine keeps it: files with class and split, and the summary that the page shows.

import type {
  ClassCounts,
  DatasetSummary,
  DatasetWarning,
  PictureSummary,
  SetAsideFile,
  Split,
  SplitOptions,
  SplitOrigin,
} from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { hash } from '../random.ts';
import { splitForFold } from './crossValidation.ts';
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
const UNBALANCED_RATIO = 10;

/** Throws EngineError 'datasetEmpty' when no picture could be opened or a split has none, 'settingInvalid' for a fold. */
export function indexDataset(reading: FolderReading, checked: CheckedPictures, options: IndexOptions): DatasetIndex {
  const classIndexOf = new Map(reading.classes.map((name, index) => [name, index]));
  const labels = checked.pictures.map(({ className }) =>
    className === null ? null : (classIndexOf.get(className) ?? null),
  );
  const splits = assignSplits(checked, labels, options);
  const pictures = checked.pictures.map(
    ({ path, widthPx, heightPx }, id): PictureSummary => ({
      id,
      path,
      split: splits[id] as Split,
      classIndex: labels[id] ?? null,
      widthPx,
      heightPx,
    }),
  );
  const counts = countByClass(reading.classes, pictures);
  const setAside = [...reading.setAside, ...checked.setAside];
  checkTrainable(pictures, setAside);
  const isSplitMade = reading.entries.some((entry) => entry.split === null);
  const splitOrigin = isSplitMade ? originOf(options) : ({ kind: 'folders' } as const);
  return {
    files: checked.pictures.map((picture) => picture.file),
    summary: {
      name: options.name,
      fingerprint: fingerprint(pictures, checked),
      layout: reading.layout,
      splitOrigin,
      classes: reading.classes,
      counts,
      pictures,
      setAside,
      ignoredCount: reading.ignoredCount,
      warnings: findWarnings(reading, splitOrigin, counts, setAside),
    },
  };
}

function assignSplits(checked: CheckedPictures, labels: readonly (number | null)[], options: SplitOptions): Split[] {
  const unsplit = checked.pictures.flatMap((picture, id) => (picture.split === null ? [id] : []));
  const validIds = new Set(drawValidation(unsplit, labels, options));
  return checked.pictures.map((picture, id) => picture.split ?? (validIds.has(id) ? 'valid' : 'train'));
}

function drawValidation(
  ids: readonly number[],
  labels: readonly (number | null)[],
  { validationShare, seed, fold }: SplitOptions,
): readonly number[] {
  if (ids.length === 0) return [];
  if (fold !== undefined) return splitForFold(ids, { fold, validationShare, seed }).valid;
  const labelsOfIds = ids.map((id) => labels[id] as number);
  const isValid = splitStratified(labelsOfIds, validationShare, seed);
  return ids.filter((_, position) => isValid[position]);
}

function originOf({ validationShare, seed, fold }: SplitOptions): SplitOrigin {
  return fold === undefined
    ? { kind: 'stratified', validationShare, seed }
    : { kind: 'fold', fold, validationShare, seed };
}

function countByClass(classes: readonly string[], pictures: readonly PictureSummary[]): ClassCounts[] {
  const counts = classes.map((className) => ({ className, train: 0, valid: 0, test: 0 }));
  for (const { classIndex, split } of pictures) {
    const count = classIndex === null ? undefined : counts[classIndex];
    if (count) count[split] += 1;
  }
  return counts;
}

function checkTrainable(pictures: readonly PictureSummary[], setAside: readonly SetAsideFile[]): void {
  for (const split of ['train', 'valid'] as const) {
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
      warnings.push({
        code: 'classTooSmall',
        sentence: `No training picture of “${className}” could be opened. Mend its files and drop the folder again.`,
      });
    } else if (valid === 0) {
      warnings.push({
        code: 'classMissingInValid',
        sentence: `“${className}” has no validation pictures, so nobody will know how well it is learnt. ${toValidateAct(kind)}`,
      });
    }
  }
  const sizes = counts.map(({ train }) => train).filter((size) => size > 0);
  const [largest, smallest] = [Math.max(...sizes), Math.min(...sizes)];
  if (largest > UNBALANCED_RATIO * smallest) {
    warnings.push({
      code: 'unbalanced',
      sentence: `The largest class has ${largest} training pictures and the smallest ${smallest}. Rare classes are learnt badly: add pictures of them, or switch on “Repeat rare classes” in the settings of a training.`,
    });
  }
  if (setAside.length > 0) {
    const [file, files] = reading.layout === 'csv' ? ['file or row', 'files and rows'] : ['file', 'files'];
    const what = setAside.length === 1 ? `One ${file} is` : `${setAside.length} ${files} are`;
    warnings.push({ code: 'filesSetAside', sentence: `${what} set aside and not used; the list below says why.` });
  }
  const validCount = counts.reduce((sum, { valid }) => sum + valid, 0);
  if (validCount < ENOUGH_VALIDATION_PICTURES) {
    const share = (100 / validCount).toFixed(validCount < 100 ? 0 : 1);
    warnings.push({
      code: 'validationSmall',
      sentence: `With ${validCount} validation pictures, one picture is ${share} % of accuracy. Read small differences with the interval beside them.`,
    });
  }
  return warnings;
}

function toValidateAct(kind: SplitOrigin['kind']): string {
  if (kind === 'fold') return 'Choose another fold, or keep a share of every class.';
  if (kind === 'stratified') return 'Add pictures of it: one to learn from and one to check with are the least.';
  return 'Move a few of its pictures to the validation folder, or drop class folders alone and let the studio split them.';
}

/** Changes with any path, size, class, split or place: a table's order is the order of its pictures, others are sorted. */
function fingerprint(pictures: readonly PictureSummary[], { pictures: checked }: CheckedPictures): string {
  const lines = pictures.map(
    ({ path, split, classIndex }, id) => `${path}\t${checked[id]?.file.size}\t${split}\t${classIndex}`,
  );
  const text = lines.join('\n');
  // Two hashes of 32 bits over different texts: a clash would silently reuse another data set's features.
  return [text, `windowbox\n${text}`].map((part) => hash(part).toString(16).padStart(8, '0')).join('');
}
