// Pictures of the open data set, ready for training on them: training pictures a little larger than the network's input, so that a zoom
// has something to show, validation pictures at its size.

import type { PictureSummary, Split } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { pickTargets, targetsOfPictures } from '../data/targets.ts';
import type { LabelledPictures } from '../learner/pictureData.ts';
import type { PictureShelf } from '../learner/pictureShelf.ts';
import type { ProgressReporter } from './progress.ts';
import { requireDataset, type StepContext } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';

export interface OpenShelf {
  readonly shelf: PictureShelf;
  readonly pictures: LabelledPictures;
}

export interface TrainingShelves {
  readonly train: OpenShelf;
  /** Null where everything is learnt from. */
  readonly valid: OpenShelf | null;
}

type Shelves<Name extends string> = { readonly [Shelf in Name]: OpenShelf };

/** Null when it was stopped. Throws EngineError 'pictureUnreadable' when no picture of a split opens any more. */
export async function openShelves(
  context: StepContext,
  chosen: ChosenNetwork,
  maxZoom: number,
  progress: ProgressReporter,
): Promise<TrainingShelves | null> {
  const train = await openShelf(context, chosen, { split: 'train', maxZoom }, progress);
  if (!train) return null;
  if (labelledPictures(context, 'valid').length === 0) return { train, valid: null };
  const valid = await openShelf(context, chosen, { split: 'valid', maxZoom: 1 }, progress);
  return valid && { train, valid };
}

/** Validation pictures for plain looks and for changing ones, which want them larger; those that open for both, in one order. */
export async function openValidationShelves(
  context: StepContext,
  chosen: ChosenNetwork,
  maxZoom: number,
  progress: ProgressReporter,
): Promise<Shelves<'plain' | 'zoomed'> | null> {
  if (labelledPictures(context, 'valid').length === 0) {
    throw new EngineError(
      'preconditionMissing',
      'Every picture is learnt from, so there is none to judge. Split the pictures again to have some that validate.',
    );
  }
  const plain = await openShelf(context, chosen, { split: 'valid', maxZoom: 1 }, progress);
  const zoomed = plain && (await openShelf(context, chosen, { split: 'valid', maxZoom }, progress));
  if (!plain || !zoomed) return null;
  const openForBoth = new Set(zoomed.pictures.ids);
  const rows = [...plain.pictures.ids.keys()].filter((row) => openForBoth.has(plain.pictures.ids[row] as number));
  const pictures = {
    ids: rows.map((row) => plain.pictures.ids[row] as number),
    targets: pickTargets(plain.pictures.targets, rows),
  };
  return { plain: { ...plain, pictures }, zoomed: { ...zoomed, pictures } };
}

export interface TestShelves {
  /** Those that open, in the order of the data set. */
  readonly ids: readonly number[];
  readonly lostIds: readonly number[];
  readonly plain: PictureShelf;
  /** The plain one itself where nothing zooms. */
  readonly zoomed: PictureShelf;
}

/**
 * Every picture of the test folder, whether a folder says its class or none does. Null when it was stopped. Throws EngineError
 * 'preconditionMissing' without any, 'pictureUnreadable' when none opens any more.
 */
export async function openTestShelves(
  context: StepContext,
  chosen: ChosenNetwork,
  maxZoom: number,
  progress: ProgressReporter,
): Promise<TestShelves | null> {
  const pictures = requireDataset(context).summary.pictures.filter(({ split }) => split === 'test');
  if (pictures.length === 0) {
    throw new EngineError(
      'preconditionMissing',
      'There is no test folder in these pictures; drop a folder with `test` beside `train`.',
    );
  }
  const plain = await fillShelf(context, chosen, { split: 'test', maxZoom: 1, pictures }, progress);
  const zoomed = plain && (await fillShelf(context, chosen, { split: 'test', maxZoom, pictures }, progress));
  if (!plain || !zoomed) return null;
  // Beside a full store pictures are opened look by look, and one that is lost would end the step in the middle of it.
  const allIds = pictures.map(({ id }) => id);
  const unchecked = await plain.shelf.findUnreadable(allIds, context.signal);
  if (context.signal.aborted) return null;
  const isLost = (id: number) => unchecked.has(id) || plain.unreadable.has(id) || zoomed.unreadable.has(id);
  const ids = allIds.filter((id) => !isLost(id));
  if (ids.length === 0) throw noneReadable('test');
  return { ids, lostIds: allIds.filter(isLost), plain: plain.shelf, zoomed: zoomed.shelf };
}

async function openShelf(
  context: StepContext,
  chosen: ChosenNetwork,
  { split, maxZoom }: { readonly split: 'train' | 'valid'; readonly maxZoom: number },
  progress: ProgressReporter,
): Promise<OpenShelf | null> {
  const { summary } = requireDataset(context);
  const pictures = labelledPictures(context, split);
  const filled = await fillShelf(context, chosen, { split, maxZoom, pictures }, progress);
  if (!filled) return null;
  const usable = pictures.filter(({ id }) => !filled.unreadable.has(id));
  if (usable.length === 0) throw noneReadable(split);
  const ids = usable.map(({ id }) => id);
  return { shelf: filled.shelf, pictures: { ids, targets: targetsOfPictures(usable, summary) } };
}

interface ShelfContent {
  readonly split: Split;
  readonly maxZoom: number;
  readonly pictures: readonly PictureSummary[];
}

/** Null when it was stopped. */
async function fillShelf(
  context: StepContext,
  { weights, imageSizePx, square }: ChosenNetwork,
  { split, maxZoom, pictures }: ShelfContent,
  progress: ProgressReporter,
): Promise<{ readonly shelf: PictureShelf; readonly unreadable: ReadonlySet<number> } | null> {
  const { summary, files } = requireDataset(context);
  const sizePx = Math.floor(imageSizePx * maxZoom);
  const shelf = context.pictureLibrary.open({
    datasetFingerprint: summary.fingerprint,
    // Training uses validation pictures at one size and looks at them at another: neither takes the other's place.
    name: split !== 'train' && sizePx > imageSizePx ? `${split} zoomed` : split,
    sizePx,
    square,
    statistics: weights.preprocessing,
    executor: context.executor,
    decoder: context.platform.decoder,
    pictures: pictures.map(({ id, widthPx, heightPx }) => ({ id, widthPx, heightPx, file: files[id] as Blob })),
  });
  const unreadable = await shelf.fill(
    (done, total) => progress.announce(`Reading pictures: ${done} of ${total}`),
    context.signal,
  );
  return context.signal.aborted ? null : { shelf, unreadable };
}

const SPLIT_WORDS: Readonly<Record<Split, string>> = { train: 'training', valid: 'validation', test: 'test' };

function noneReadable(split: Split): EngineError {
  return new EngineError(
    'pictureUnreadable',
    `None of the ${SPLIT_WORDS[split]} pictures can be read any more. They may have been moved. Drop the folder again.`,
  );
}

function labelledPictures(context: StepContext, split: 'train' | 'valid'): readonly PictureSummary[] {
  const { pictures } = requireDataset(context).summary;
  return pictures.filter((picture) => picture.split === split && picture.classIndices !== null);
}
