// Looks at pictures through what is trained so far, plainly and a few times changed, and combines the looks (LESSON section 7): what
// the steps have in common that judge validation pictures and predict test pictures. Nothing is trained.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { LabelKind } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import { drawTransform, validationTransform } from '../augment/drawTransform.ts';
import type { Network } from '../executors/executor.ts';
import type { ParameterValues } from '../graph/graph.ts';
import { averageProbabilities } from '../interpretation/averageProbabilities.ts';
import { combineLooks, type LookRule } from '../interpretation/testTimeAugmentation.ts';
import { inferInOrder } from '../learner/inferInOrder.ts';
import { type DrawLook, lookInOrder } from '../learner/pictureData.ts';
import type { PictureShelf } from '../learner/pictureShelf.ts';
import { probabilitiesOf } from '../metrics/judgeLogits.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { createRandom } from '../random.ts';
import { lookSettings } from './augmentationSettings.ts';
import type { ProgressReporter } from './progress.ts';
import { readMemoryNeed } from './readings.ts';
import { choiceSetting, numberSetting } from './settings.ts';
import { countClasses, requireDataset, requireHead, type StepContext } from './stepContext.ts';
import type { ChosenNetwork, TrainedBody } from './studioState.ts';
import { PLAINLY } from './tellResult.ts';
import { readBody } from './trainee.ts';

export interface PicturesToLookAt {
  /** In the order of the answer; all of them on both shelves. */
  readonly ids: readonly number[];
  readonly plain: PictureShelf;
  /** Larger, so that a zoom has something to show; may be the other one where nothing zooms. */
  readonly zoomed: PictureShelf;
}

/** What one network says: the plain look, then the changed ones, each probabilities [picture, class]. */
export type LooksOfOne = readonly Float32Array[];

/**
 * As many changed looks as the step is set to, by what is trained so far or by each kept cycle of the last training; null when it was
 * stopped. Throws EngineError 'preconditionMissing' where nothing is trained, or no cycles are kept.
 */
export async function lookAtPictures(
  context: StepContext,
  chosen: ChosenNetwork,
  pictures: PicturesToLookAt,
  progress: ProgressReporter,
): Promise<readonly LooksOfOne[] | null> {
  const { ids } = pictures;
  const members = membersOf(context, chosen);
  const batchSize = Math.min(numberSetting(context.settings, 'batchSize'), ids.length);
  progress.announce('Making the network');
  const graph = buildFullNetwork(
    findArchitecture(chosen.weights.architecture),
    chosen.imageSizePx,
    countClasses(context),
  );
  const network = await context.executor.create(graph, { batchSize, learning: [] });
  try {
    if (network.memory) progress.announce(readMemoryNeed(network.memory));
    const looksOfAll: LooksOfOne[] = [];
    for (const { head, body } of members) {
      network.writeParameters(new Map([...(await readBody(context, { ...chosen, body })), ...head]));
      const plans = planLooks(context, chosen, pictures);
      const looks: Float32Array[] = [];
      for (const plan of plans) {
        const before = looksOfAll.length * plans.length + looks.length;
        const cycle = members.length === 1 ? '' : `, cycle ${looksOfAll.length + 1} of ${members.length}`;
        const look = await predict(network, ids, plan, {
          kind: requireDataset(context).summary.labelKind,
          batchSize,
          signal: context.signal,
          onBatch: (done, total) =>
            progress.report({
              label:
                looks.length === 0
                  ? `Looking at the pictures as they are${cycle}`
                  : `Changed look ${looks.length} of ${plans.length - 1}${cycle}`,
              fraction: (before + done / total) / (plans.length * members.length),
              epochs: null,
              batches: { done, total },
              pictureCount: before * ids.length + Math.min(done * batchSize, ids.length),
            }),
        });
        if (!look) return null;
        looks.push(look);
      }
      looksOfAll.push(looks);
    }
    return looksOfAll;
  } finally {
    network.dispose();
  }
}

interface LookPlan {
  readonly shelf: PictureShelf;
  readonly drawLook: DrawLook;
}

interface Member {
  readonly head: ParameterValues;
  readonly body: TrainedBody | null;
}

function membersOf(context: StepContext, { body }: ChosenNetwork): readonly Member[] {
  const head = requireHead(context);
  if (choiceSetting(context.settings, 'whatLooks') !== 'cycles') return [{ head, body }];
  const kept = (context.state.snapshots?.list ?? []).flatMap(({ trained }) => trained ?? []);
  if (kept.length >= 2) return kept;
  throw new EngineError(
    'preconditionMissing',
    'The weights of two cycles or more are not here to be averaged. Choose what is trained so far, or run a training of several cycles first.',
  );
}

/** The plain look, then the changed ones, all of them drawn from one stream. */
function planLooks(
  { settings, seed, stepId }: StepContext,
  { imageSizePx }: ChosenNetwork,
  { plain, zoomed }: PicturesToLookAt,
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
  readonly kind: LabelKind;
  readonly batchSize: number;
  readonly signal: CancelSignal;
  readonly onBatch: (done: number, total: number) => void;
}

/** Probabilities [picture, class] of one look at each picture, in order; null when it was stopped. */
async function predict(
  network: Network,
  ids: readonly number[],
  { shelf, drawLook }: LookPlan,
  { kind, batchSize, signal, onBatch }: PredictOptions,
): Promise<Float32Array | null> {
  const classCount = network.graph.outputShape[0] as number;
  const logits = new Float32Array(ids.length * classCount);
  const total = Math.ceil(ids.length / batchSize);
  let done = 0;
  let filled = 0;
  const batches = lookInOrder(shelf, ids, batchSize, drawLook);
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
  return isComplete ? probabilitiesOf(logits, { kind, classCount }) : null;
}

export interface CombinedLooks {
  /** How the pictures were looked at. */
  readonly label: string;
  /** [picture, class] */
  readonly probabilities: Float32Array;
}

/** What all looks say together by the step's rule, each network's first and then the mean of the networks (LESSON section 8). */
export function combineBySettings(context: StepContext, looksOfAll: readonly LooksOfOne[]): CombinedLooks {
  const augmentedCount = (looksOfAll[0]?.length ?? 1) - 1;
  // The setting was checked against its choices, which are rules.
  const rule = choiceSetting(context.settings, 'rule') as LookRule;
  const activation = requireDataset(context).summary.labelKind === 'tags' ? 'sigmoid' : 'softmax';
  const combineOne = ([plain, ...augmented]: LooksOfOne) =>
    augmented.length === 0
      ? (plain as Float32Array)
      : combineLooks(rule, { plain: plain as Float32Array, augmented, activation });
  const label = augmentedCount === 0 ? PLAINLY : nameLooks(rule, augmentedCount);
  return {
    label: `${label}${nameCycles(looksOfAll)}`,
    probabilities: averageProbabilities(looksOfAll.map(combineOne)),
  };
}

/** The plain looks alone. */
export function takePlainLooks(looksOfAll: readonly LooksOfOne[]): CombinedLooks {
  return {
    label: `${PLAINLY}${nameCycles(looksOfAll)}`,
    probabilities: averageProbabilities(looksOfAll.map(([plain]) => plain as Float32Array)),
  };
}

function nameCycles({ length }: readonly LooksOfOne[]): string {
  return length === 1 ? '' : `, average of ${length} cycles`;
}

const RULE_NAMES: Readonly<Record<LookRule, string>> = {
  mean: 'mean',
  weighted: 'a quarter plain',
  logMean: 'mean of logarithms',
};

function nameLooks(rule: LookRule, lookCount: number): string {
  return `Plain and ${lookCount} changed ${lookCount === 1 ? 'look' : 'looks'}, ${RULE_NAMES[rule]}`;
}
