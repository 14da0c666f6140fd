// How fast this machine trains, from about three seconds of it: one network of each kind with drawn weights, trained and asked, at the largest of a few sizes that
// still gives several steps in its time. What others take is worked out from their multiply-adds.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { MachineSpeed, WorkSpeed } from '../../protocol/networks.ts';
import type { Executor, LabelledBatch } from '../executors/executor.ts';
import { countMultiplyAdds } from '../graph/countMultiplyAdds.ts';
import { type Graph, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { LESSON_SGD } from '../optimizers/optimizer.ts';
import type { Clock } from '../platform/ports.ts';
import { createRandom } from '../random.ts';
import { learnedNames } from './trainee.ts';

/** Networks whose speed stands for their kind. */
const PROBED = { dense: 'resnet18', depthwise: 'mobilenet-v2' } as const;
const CLASSES = 10;
/** Tried from the first on, until one is large enough to say something: a card shows what it can do with much to do only. */
const TRIALS = [
  { imageSizePx: 64, batchSize: 4 },
  { imageSizePx: 128, batchSize: 16 },
  { imageSizePx: 224, batchSize: 32 },
] as const;
/** A larger trial is taken where its step would not last longer than this. */
const LONGEST_STEP_MS = 250;
const TRAINING_MS = 800;
const INFERENCE_MS = 300;
/** Forward, and backward to the inputs and to the weights. */
export const PASSES = 3;

/** Null when it was stopped. Throws as Executor.create does. */
export async function probeSpeed(executor: Executor, clock: Clock, signal: CancelSignal): Promise<MachineSpeed | null> {
  const dense = await probe(executor, PROBED.dense, clock, signal);
  const depthwise = dense && (await probe(executor, PROBED.depthwise, clock, signal));
  return dense && depthwise && { dense, depthwise };
}

/** Of the largest trial that was quick enough. */
async function probe(
  executor: Executor,
  architecture: string,
  clock: Clock,
  signal: CancelSignal,
): Promise<WorkSpeed | null> {
  let speed: WorkSpeed | null = null;
  for (const { imageSizePx, batchSize } of TRIALS) {
    const graph = buildFullNetwork(findArchitecture(architecture), imageSizePx, CLASSES);
    const perPass = batchSize * countMultiplyAdds(graph);
    if (speed !== null && (1000 * PASSES * perPass) / speed.training > LONGEST_STEP_MS) break;
    const timed = await time(executor, graph, batchSize, clock, signal);
    if (timed === null) return null;
    speed = {
      training: (1000 * PASSES * perPass) / timed.stepMs,
      inference: (1000 * perPass) / timed.inferenceMs,
    };
  }
  return speed;
}

/** Of one batch; the first step and the first inference, which prepare the device, are not counted. Null when it was stopped. */
async function time(
  executor: Executor,
  graph: Graph,
  batchSize: number,
  clock: Clock,
  signal: CancelSignal,
): Promise<{ readonly stepMs: number; readonly inferenceMs: number } | null> {
  const learning = learnedNames(graph);
  const network = await executor.create(graph, { batchSize, learning });
  try {
    network.writeParameters(drawParameters(graph));
    const batch: LabelledBatch = {
      count: batchSize,
      inputs: Float32Array.from({ length: batchSize * sizeOf(graph.inputShape) }, (_, i) => Math.sin(i)),
      labels: Int32Array.from({ length: batchSize }, (_, i) => i % CLASSES),
    };
    // A rate at which nothing can blow up: only the time is looked at.
    const groups = [{ names: learning, learningRate: 1e-9, weightDecay: 0 }];
    const train = (dropoutSeed: number) =>
      network.trainStep(batch, { groups, rule: LESSON_SGD, maxGradientNorm: null, dropoutSeed });
    const finish = () => network.finishSteps();
    const stepMs = await repeat(train, finish, TRAINING_MS, clock, signal);
    if (stepMs === null) return null;
    const inferenceMs = await repeat(() => network.infer(batch), finish, INFERENCE_MS, clock, signal);
    return inferenceMs === null ? null : { stepMs, inferenceMs };
  } finally {
    network.dispose();
  }
}

/** Milliseconds of one round, of as many as begin within the time; null when it was stopped. */
async function repeat(
  round: (number: number) => Promise<unknown>,
  finish: () => Promise<unknown>,
  durationMs: number,
  clock: Clock,
  signal: CancelSignal,
): Promise<number | null> {
  await round(0);
  await finish();
  const startMs = clock.nowMs();
  let rounds = 0;
  while (clock.nowMs() - startMs < durationMs || rounds === 0) {
    if (signal.aborted) return null;
    await round(++rounds);
  }
  await finish();
  return Math.max(1e-3, clock.nowMs() - startMs) / rounds;
}

/** He's normal weights, batch norms that pass on what comes: numbers as any network has them. */
function drawParameters(graph: Graph): ParameterValues {
  const random = createRandom(0, 'probe');
  return new Map(
    graph.parameters.map(({ name, kind, shape }) => {
      const values = new Float32Array(sizeOf(shape));
      if (kind === 'scale' || kind === 'runningVariance') values.fill(1);
      if (kind === 'weight') {
        const deviation = Math.sqrt((2 * (shape.at(-1) as number)) / values.length);
        for (let at = 0; at < values.length; at++) values[at] = deviation * random.normal();
      }
      return [name, values];
    }),
  );
}
