// Pictures of the open data set, ready for training on them: training pictures a little larger than the network's input, so that a zoom
// has something to show, validation pictures at its size.

import type { PictureSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { LabelledPictures } from '../learner/pictureData.ts';
import type { PictureShelf } from '../learner/pictureShelf.ts';
import type { ProgressReporter } from './progress.ts';
import { requireDataset, type StepContext } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';

export interface OpenShelf {
  readonly shelf: PictureShelf;
  readonly pictures: LabelledPictures;
}

/** Null when it was stopped. Throws EngineError 'pictureUnreadable' when no training picture opens any more. */
export async function openShelves(
  context: StepContext,
  { architecture, imageSizePx }: ChosenNetwork,
  maxZoom: number,
  progress: ProgressReporter,
): Promise<{ readonly train: OpenShelf; readonly valid: OpenShelf } | null> {
  const { statistics } = await readStatistics(context, architecture);
  const open = async (split: 'train' | 'valid', sizePx: number): Promise<OpenShelf | null> => {
    const pictures = labelledPictures(context, split);
    const { files } = requireDataset(context);
    const shelf = context.pictureLibrary.open({
      datasetFingerprint: requireDataset(context).summary.fingerprint,
      split,
      sizePx,
      statistics,
      executor: context.executor,
      decoder: context.platform.decoder,
      pictures: pictures.map(({ id, widthPx, heightPx }) => ({ id, widthPx, heightPx, file: files[id] as Blob })),
    });
    const unreadable = await shelf.fill(
      (done, total) => progress.announce(`Reading pictures: ${done} of ${total}`),
      context.signal,
    );
    if (context.signal.aborted) return null;
    const usable = pictures.filter(({ id }) => !unreadable.has(id));
    if (usable.length === 0) {
      throw new EngineError(
        'pictureUnreadable',
        `None of the ${split === 'train' ? 'training' : 'validation'} pictures can be read any more. They may have been moved. Drop the folder again.`,
      );
    }
    const labels = Int32Array.from(usable, ({ classIndex }) => classIndex as number);
    return { shelf, pictures: { ids: usable.map(({ id }) => id), labels } };
  };
  const train = await open('train', Math.floor(imageSizePx * maxZoom));
  const valid = train && (await open('valid', imageSizePx));
  return train && valid ? { train, valid } : null;
}

async function readStatistics(context: StepContext, architecture: string) {
  const { preprocessing } = await context.platform.weights.readCard(architecture);
  return { statistics: preprocessing };
}

function labelledPictures(context: StepContext, split: 'train' | 'valid'): readonly PictureSummary[] {
  const { pictures } = requireDataset(context).summary;
  return pictures.filter((picture) => picture.split === split && picture.classIndex !== null);
}
