// What is trained so far looks at each validation picture plainly and a few times changed, and the looks are combined (LESSON
// section 7). Nothing is trained.

import { lookSettings } from './augmentationSettings.ts';
import { combineBySettings, type LooksOfOne, lookAtPictures, takePlainLooks } from './lookAtPictures.ts';
import { openValidationShelves } from './openShelves.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { readLooks, readTagLooks } from './readings.ts';
import { requireHead, requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import { findCorrect, type Judged, tellResult, tellRow } from './tellResult.ts';

export async function testTimeAugmentation(context: StepContext): Promise<StepResult> {
  const { settings, stepId, state } = context;
  const chosen = requireNetwork(context);
  requireHead(context);
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const shelves = await openValidationShelves(context, chosen, lookSettings(settings).maxZoom, progress);
  if (!shelves) return stoppedEarly(context, progress);
  const { plain, zoomed } = shelves;
  const { ids, targets } = plain.pictures;
  const looks = await lookAtPictures(context, chosen, { ids, plain: plain.shelf, zoomed: zoomed.shelf }, progress);
  if (!looks) return stoppedEarly(context, progress);
  const reading = tellLooks(context, looks, { targets, pictureIds: ids });
  return { outcome: 'done', state, reading, imagesPerSecond: progress.imagesPerSecond() };
}

/** A row for the plain look and one for all together, whose matrix is shown; read in a sentence. */
function tellLooks(
  context: StepContext,
  looks: readonly LooksOfOne[],
  pictures: Omit<Judged, 'probabilities'>,
): string {
  const lookCount = (looks[0]?.length ?? 1) - 1;
  const plain = takePlainLooks(looks);
  const { label, probabilities } = combineBySettings(context, looks);
  const plainly = { ...pictures, probabilities: plain.probabilities };
  const together = { ...pictures, probabilities };
  const before = tellRow(context, plain.label, plainly);
  const after = tellResult(context, label, together);
  if (before.kind === 'f2') return readTagLooks(before, after as typeof before, lookCount);
  const [wasCorrect, isCorrect] = [findCorrect(plainly), findCorrect(together)];
  return readLooks({
    plain: before.accuracy,
    combined: (after as typeof before).accuracy,
    lookCount,
    gained: isCorrect.filter((correct, item) => correct && !wasCorrect[item]).length,
    lost: wasCorrect.filter((correct, item) => correct && !isCorrect[item]).length,
  });
}

function stoppedEarly({ state }: StepContext, progress: ProgressReporter): StepResult {
  return {
    outcome: 'stopped',
    state,
    reading: 'Stopped before every look was through, so there is no result. What is trained is as it was.',
    imagesPerSecond: progress.imagesPerSecond(),
  };
}
