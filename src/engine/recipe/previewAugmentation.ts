// One picture as a step would look at it: drawn by the code that training draws its looks with, from the same shelf, so that what is
// shown is what is trained on. Nothing of the studio changes.

import type { CommandParams } from '../../protocol/commands.ts';
import type { PictureSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { AugmentationPreview } from '../../protocol/looks.ts';
import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import { applyTransform } from '../augment/applyTransform.ts';
import { drawTransform, validationTransform } from '../augment/drawTransform.ts';
import { ReferencePictureStore } from '../executors/reference/referencePictureStore.ts';
import { type DrawLook, lookInOrder } from '../learner/pictureData.ts';
import { PictureShelf } from '../learner/pictureShelf.ts';
import type { PictureDecoder } from '../platform/ports.ts';
import { createRandom } from '../random.ts';
import { augmentationSettings, lookSettings } from './augmentationSettings.ts';
import { completeSettings, numberSetting } from './settings.ts';
import { squareSetting } from './squareSettings.ts';
import type { ChosenNetwork, StudioState } from './studioState.ts';

/** Looks are shown as they are: 0..1, not normalised. */
const AS_SHOWN = { mean: [0, 0, 0], std: [1, 1, 1] };
const MOST_LOOKS = 16;

type NetworkInput = Pick<ChosenNetwork, 'imageSizePx' | 'square'>;

/**
 * Throws EngineError 'preconditionMissing' when no data set is open, 'settingInvalid' for settings that no step would run with, and
 * 'pictureUnreadable' when the picture no longer opens.
 */
export async function previewAugmentation(
  { dataset, network }: Pick<StudioState, 'dataset' | 'network'>,
  recipe: Recipe,
  step: RecipeStep,
  { settings, settingsByStep, pictureNumber, seed, lookCount }: CommandParams<'previewAugmentation'>,
  decoder: PictureDecoder,
): Promise<AugmentationPreview> {
  if (!dataset) throw new EngineError('preconditionMissing', 'There are no pictures yet. Drop a folder first.');
  const isJudging = step.verb === 'testTimeAugmentation';
  const complete = completeSettings(step, settings);
  const augmentation = isJudging ? lookSettings(complete) : augmentationSettings(complete);
  const { imageSizePx: sizePx, square } = network ?? inputFromSettings(recipe, step, settingsByStep);
  const picture = pickPicture(dataset.summary.pictures, isJudging ? 'valid' : 'train', pictureNumber);
  const file = dataset.files[picture.id] as Blob;
  const random = createRandom(seed, `${step.id} preview`);
  const look = (maxZoom: number, count: number, drawLook: DrawLook) => {
    const store = new ReferencePictureStore({ budgetBytes: 0, statistics: AS_SHOWN });
    const shelfSizePx = Math.floor(sizePx * maxZoom);
    const shelf = new PictureShelf({ pictures: [{ ...picture, file }], sizePx: shelfSizePx, square, decoder, store });
    return drawLooks(shelf, { pictureId: picture.id, count, sizePx, drawLook });
  };
  const [plain, looks] = await Promise.all([
    look(1, 1, (outline) => validationTransform(outline, sizePx)),
    look(augmentation.maxZoom, Math.min(lookCount, MOST_LOOKS), (outline) =>
      drawTransform(outline, sizePx, augmentation, random),
    ),
  ]);
  return { pictureId: picture.id, sizePx, square, plain: plain[0] as AugmentationPreview['plain'], looks };
}

/** Of the last step before this one that chooses a network: what it would choose. */
function inputFromSettings(
  { steps }: Recipe,
  { number }: RecipeStep,
  settingsByStep: CommandParams<'previewAugmentation'>['settingsByStep'],
): NetworkInput {
  const choosing = steps.findLast(
    (step) => step.number < number && (step.verb === 'prepareFeatures' || step.verb === 'chooseNetwork'),
  );
  if (!choosing) throw new EngineError('preconditionMissing', 'No step before this one says how large pictures are.');
  const settings = completeSettings(choosing, settingsByStep[choosing.id] ?? {});
  return { imageSizePx: numberSetting(settings, 'imageSizePx'), square: squareSetting(settings) };
}

/** In an order of their own, so that neighbours are seldom of one class. */
function pickPicture(
  pictures: readonly PictureSummary[],
  split: 'train' | 'valid',
  pictureNumber: number,
): PictureSummary {
  const looked = pictures.filter((picture) => picture.split === split && picture.classIndices !== null);
  const picture = createRandom(0, 'preview pictures').shuffle(looked)[pictureNumber % looked.length];
  if (picture) return picture;
  throw new EngineError('preconditionMissing', 'This step has no pictures to look at.');
}

interface LooksWanted {
  readonly pictureId: number;
  readonly count: number;
  readonly sizePx: number;
  readonly drawLook: DrawLook;
}

async function drawLooks(
  shelf: PictureShelf,
  { pictureId, count, sizePx, drawLook }: LooksWanted,
): Promise<Uint8ClampedArray<ArrayBuffer>[]> {
  const looks: Uint8ClampedArray<ArrayBuffer>[] = [];
  for await (const { views } of lookInOrder(shelf, Array(count).fill(pictureId), count, drawLook)) {
    for (const { picture, transform } of views) {
      if (!picture) throw new RangeError('The shelf of a preview holds nothing.');
      looks.push(
        paint(applyTransform(picture, transform, { widthPx: sizePx, heightPx: sizePx, statistics: AS_SHOWN })),
      );
    }
  }
  return looks;
}

/** [..., 3] in 0..1 -> [..., 4] in 0..255, opaque. */
function paint(values: Float32Array): Uint8ClampedArray<ArrayBuffer> {
  const pixelCount = values.length / 3;
  const pixels = new Uint8ClampedArray(4 * pixelCount);
  for (let pixel = 0; pixel < pixelCount; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      pixels[4 * pixel + channel] = 255 * (values[3 * pixel + channel] as number);
    }
    pixels[4 * pixel + 3] = 255;
  }
  return pixels;
}
