// What is open: files that were dropped, read once and split as often as a person likes. Nothing here trains or remembers what did.

import type { CancelSignal, CommandParams } from '../protocol/commands.ts';
import type { DatasetSummary, DroppedFile, SplitOptions } from '../protocol/dataset.ts';
import { EngineError } from '../protocol/errors.ts';
import type { EngineEventBody } from '../protocol/events.ts';
import type { LabelDescription, LabelOptions } from '../protocol/labels.ts';
import { type DatasetIndex, indexDataset } from './data/datasetIndex.ts';
import { findShowable } from './data/findShowable.ts';
import type { PixelCache } from './data/pixels/pixelCache.ts';
import { type FolderReading, readFolder } from './data/readers/folder.ts';
import {
  describeLabels,
  findLabelledFolder,
  type LabelledFolder,
  readLabelledFolder,
} from './data/readers/labelledFolder.ts';
import { type CheckedPictures, readPictures } from './data/readPictures.ts';
import type { DatasetOrigin } from './persistence/studioCheckpoint.ts';

type Dropped = Pick<CommandParams<'openDataset'>, 'name' | 'files' | 'labels' | 'address'>;

/** What was read from the dropped files, kept so that a new split needs no second reading. */
export interface OpenFiles {
  readonly name: string;
  readonly reading: FolderReading;
  readonly checked: CheckedPictures;
  readonly labels: LabelOptions | null;
  readonly address: string | null;
}

export interface SplitFiles {
  readonly dataset: DatasetIndex;
  readonly origin: DatasetOrigin;
}

export class DatasetDesk {
  /** What was looked at last, kept while a person says what its table means. */
  private lookedAt: LabelledFolder | null = null;
  private open: OpenFiles | null = null;
  private readonly pixels: PixelCache;
  private readonly tell: (event: EngineEventBody) => void;

  /** @param pixels opens the pictures, and remembers by the data set's name what it has of them */
  constructor(pixels: PixelCache, tell: (event: EngineEventBody) => void) {
    this.pixels = pixels;
    this.tell = tell;
  }

  /**
   * What the folder's table means, or would mean with other choices.
   * @param params without files the folder that was looked at last
   */
  async describeLabels({ files, labels }: CommandParams<'describeLabels'>): Promise<LabelDescription | null> {
    if (files !== null) this.lookedAt = findLabelledFolder(files);
    else if (this.lookedAt === null) {
      throw new EngineError('preconditionMissing', 'There is no table to look at any more. Drop the folder again.');
    }
    return this.lookedAt && describeLabels(this.lookedAt, labels);
  }

  /** Opens every picture once to see that it opens. What is open stays so until `use`. */
  async read({ name, files, labels, address }: Dropped, signal: CancelSignal): Promise<OpenFiles> {
    const labelled = findLabelledFolder(files);
    const found = labelled ? await readLabelledFolder(labelled, labels ?? {}) : readFolder(files);
    const reading = { ...found, setAside: await findShowable(found.setAside, files) };
    const total = reading.entries.length;
    const checked = await readPictures(reading.entries, this.pixels.decoder, signal, (done, setAsideCount) =>
      this.tell({ type: 'datasetProgress', files: { done, total }, setAsideCount }),
    );
    await this.pixels.know(name, checked.pictures);
    return { name, reading, checked, labels: labels ?? null, address: address ?? null };
  }

  /** @param files null where a run goes on without its pictures */
  use(files: OpenFiles | null): void {
    this.open = files;
    this.lookedAt = null;
  }

  /** The open files, split in another way. */
  splitAgain(split: SplitOptions): SplitFiles {
    if (!this.open) {
      throw new EngineError('preconditionMissing', 'There are no pictures to split yet. Drop a folder first.');
    }
    return splitFiles(this.open, split);
  }

  /** Reads the files of a run that goes on. Throws EngineError 'settingInvalid' for files of another data set. */
  async readAgain(
    { name, fingerprint, pictures }: DatasetSummary,
    { split, labels, address }: DatasetOrigin,
    files: readonly DroppedFile[],
    signal: CancelSignal,
  ): Promise<{ readonly files: OpenFiles; readonly dataset: DatasetIndex }> {
    const given = { name, files, ...(labels ? { labels } : {}), ...(address === null ? {} : { address }) };
    const opened = await this.read(given, signal);
    const dataset = indexDataset(opened.reading, opened.checked, { name, ...split });
    if (dataset.summary.fingerprint === fingerprint) return { files: opened, dataset };
    throw new EngineError(
      'settingInvalid',
      `These are not the ${pictures.length} pictures that “${name}” was: ${dataset.summary.pictures.length} were found, and their names, sizes or classes are not all the same. Nothing was changed, and the run is still kept. Choose the folder that it was trained on, or begin anew with these.`,
    );
  }
}

/** Throws EngineError 'settingInvalid' for a split that there is none of. */
export function splitFiles(
  { name, reading, checked, labels, address }: OpenFiles,
  { validationShare, seed, fold, usesAll }: SplitOptions,
): SplitFiles {
  if (!(validationShare > 0 && validationShare < 1)) {
    throw new EngineError(
      'settingInvalid',
      `The share kept for validation lies between 0 and 1, not at ${validationShare}. The split is as it was.`,
    );
  }
  if (fold !== undefined && !(Number.isInteger(fold) && fold >= 0)) {
    throw new EngineError(
      'settingInvalid',
      `Folds are numbered from 0, so there is none ${fold}. The split is as it was.`,
    );
  }
  const split = {
    validationShare,
    seed,
    ...(fold === undefined ? {} : { fold }),
    ...(usesAll === undefined ? {} : { usesAll }),
  };
  return { dataset: indexDataset(reading, checked, { name, ...split }), origin: { split, labels, address } };
}
