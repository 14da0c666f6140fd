// The last step: what is trained so far looks at each validation picture plainly and a few times changed, and the looks are
// combined (LESSON section 7). Nothing is trained.

import type { CancelSignal } from '../../protocol/commands.ts';
import { drawTransform, validationTransform } from '../augment/drawTransform.ts';
import type { Network } from '../executors/executor.ts';
import { combineLooks, type LookRule } from '../interpretation/testTimeAugmentation.ts';
import { inferInOrder } from '../learner/inferInOrder.ts';
import { type DrawLook, lookInOrder } from '../learner/pictureData.ts';
import { probabilitiesOf } from '../metrics/judgeLogits.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { createRandom } from '../random.ts';
import { lookSettings } from './augmentationSettings.ts';
import { type OpenShelf, openValidationShelves } from './openShelves.ts';
import { createProgressReporter, type ProgressReporter } from './progress.ts';
import { readLooks, readMemoryNeed, readTagLooks } from './readings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { countClasses, requireHead, requireNetwork, type StepContext, type StepResult } from './stepContext.ts';
import type { ChosenNetwork } from './studioState.ts';
import { findCorrect, type Judged, PLAINLY, tellResult, tellRow } from './tellResult.ts';
import { readBody } from './trainee.ts';

export async function testTimeAugmentation(context: StepContext): Promise<StepResult> {
  const { settings, stepId, state } = context;
  const chosen = requireNetwork(context);
  const head = requireHead(context);
  const progress = createProgressReporter(stepId, context.platform.clock, context.emit);
  const shelves = await openValidationShelves(context, chosen, lookSettings(settings).maxZoom, progress);
  if (!shelves) return stoppedEarly(context, progress);
  const { ids, targets } = shelves.plain.pictures;
  const batchSize = Math.min(numberSetting(settings, 'batchSize'), ids.length);
  progress.announce('Making the network');
  const graph = buildFullNetwork(findArchitecture(chosen.architecture), chosen.imageSizePx, countClasses(context));
  const network = await context.executor.create(graph, { batchSize, learning: [] });
  try {
    if (network.memory) progress.announce(readMemoryNeed(network.memory));
    network.writeParameters(new Map([...(await readBody(context, chosen)), ...head]));
    const plans = planLooks(context, chosen, shelves);
    const looks: Float32Array[] = [];
    for (const { shelf, drawLook } of plans) {
      const look = await predict(network, shelf, drawLook, {
        batchSize,
        signal: context.signal,
        onBatch: (done, total) =>
          progress.report({
            label:
              looks.length === 0
                ? 'Looking at the pictures as they are'
                : `Changed look ${looks.length} of ${plans.length - 1}`,
            fraction: (looks.length + done / total) / plans.length,
            epochs: null,
            batches: { done, total },
            pictureCount: looks.length * ids.length + Math.min(done * batchSize, ids.length),
          }),
      });
      if (!look) return stoppedEarly(context, progress);
      looks.push(look);
    }
    const reading = tellLooks(context, looks, { targets, pictureIds: ids });
    return { outcome: 'done', state, reading, imagesPerSecond: progress.imagesPerSecond() };
  } finally {
    network.dispose();
  }
}

interface LookPlan {
  readonly shelf: OpenShelf;
  readonly drawLook: DrawLook;
}

/** The plain look, then the changed ones, all of them drawn from one stream. */
function planLooks(
  { settings, seed, stepId }: StepContext,
  { imageSizePx }: ChosenNetwork,
  { plain, zoomed }: { readonly plain: OpenShelf; readonly zoomed: OpenShelf },
): readonly LookPlan[] {
  const augmentation = lookSettings(settings);
  const random = createRandom(seed, `${stepId} looks`);
  const changed: LookPlan = {
    shelf: zoomed,
    drawLook: (picture) => drawTransform(picture, imageSizePx, augmentation, random),
  };
  return [
    { shelf: plain, drawLook: (picture) => validationTransform(picture, imageSizePx) },
    ...Array.from({ length: numberSetting(settings, 'looks') }, () => changed),
  ];
}

interface PredictOptions {
  readonly batchSize: number;
  readonly signal: CancelSignal;
  readonly onBatch: (done: number, total: number) => void;
}

/** Probabilities [picture, class] of one look at each picture, in order; null when it was stopped. */
async function predict(
  network: Network,
  { shelf, pictures }: OpenShelf,
  drawLook: DrawLook,
  { batchSize, signal, onBatch }: PredictOptions,
): Promise<Float32Array | null> {
  const classCount = network.graph.outputShape[0] as number;
  const logits = new Float32Array(pictures.ids.length * classCount);
  const total = Math.ceil(pictures.ids.length / batchSize);
  let done = 0;
  let filled = 0;
  const batches = lookInOrder(shelf, pictures.ids, batchSize, drawLook);
  const isComplete = await inferInOrder(
    network,
    batches,
    (_, output) => {
      logits.set(output, filled);
      filled += output.length;
      done += 1;
      onBatch(done, total);
    },
    signal,
  );
  return isComplete ? probabilitiesOf(logits, pictures.targets) : null;
}

/** A row for the plain look and one for all together, whose matrix is shown; read in a sentence. */
function tellLooks(
  context: StepContext,
  [plain, ...augmented]: readonly Float32Array[],
  pictures: Omit<Judged, 'probabilities'>,
): string {
  // The setting was checked against its choices, which are rules.
  const rule = choiceSetting(context.settings, 'rule') as LookRule;
  const plainly = { ...pictures, probabilities: plain as Float32Array };
  const together = {
    ...pictures,
    probabilities: combineLooks(rule, {
      plain: plainly.probabilities,
      augmented,
      activation: pictures.targets.kind === 'tags' ? 'sigmoid' : 'softmax',
    }),
  };
  const before = tellRow(context, PLAINLY, plainly);
  const after = tellResult(context, nameLooks(rule, augmented.length), together);
  if (before.kind === 'f2') return readTagLooks(before, after as typeof before, augmented.length);
  const [wasCorrect, isCorrect] = [findCorrect(plainly), findCorrect(together)];
  return readLooks({
    plain: before.accuracy,
    combined: (after as typeof before).accuracy,
    lookCount: augmented.length,
    gained: isCorrect.filter((correct, item) => correct && !wasCorrect[item]).length,
    lost: wasCorrect.filter((correct, item) => correct && !isCorrect[item]).length,
  });
}

const RULE_NAMES: Readonly<Record<LookRule, string>> = {
  mean: 'mean',
  weighted: 'a quarter plain',
  logMean: 'mean of logarithms',
};

function nameLooks(rule: LookRule, lookCount: number): string {
  return `Plain and ${lookCount} changed ${lookCount === 1 ? 'look' : 'looks'}, ${RULE_NAMES[rule]}`;
}

function stoppedEarly({ state }: StepContext, progress: ProgressReporter): StepResult {
  return {
    outcome: 'stopped',
    state,
    reading: 'Stopped before every look was through, so there is no result. What is trained is as it was.',
    imagesPerSecond: progress.imagesPerSecond(),
  };
}
