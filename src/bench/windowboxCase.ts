// Measures a case on the studio's own executor, fed as the studio feeds it: pictures of a store, each seen through a transform.

import type {
  InputBatch,
  LabelledBatch,
  Network,
  PictureStore,
  TrainStepOptions,
} from '../engine/executors/executor.ts';
import { adapterKey, ComputeDevice, requestComputeDevice } from '../engine/executors/webgpu/device.ts';
import { openDeviceNotes } from '../engine/executors/webgpu/deviceNotes.ts';
import { createTunedExecutor } from '../engine/executors/webgpu/openWebGpu.ts';
import { canProfile } from '../engine/executors/webgpu/profile.ts';
import { createWebGpuExecutor, type WebGpuExecutor } from '../engine/executors/webgpu/webgpuExecutor.ts';
import type { WebGpuNetwork } from '../engine/executors/webgpu/webgpuNetwork.ts';
import { sizeOf } from '../engine/graph/graph.ts';
import { inferInOrder } from '../engine/learner/inferInOrder.ts';
import { LESSON_SGD } from '../engine/optimizers/optimizer.ts';
import { yieldToEvents } from '../engine/platform/yieldToEvents.ts';
import { describeAdapter, requestBenchAdapter } from './benchAdapter.ts';
import type { BenchCase } from './benchJob.ts';
import type { CaseMeasurement } from './benchReport.ts';
import { buildCaseNetwork, type CaseNetwork } from './caseNetwork.ts';
import { type CaseTools, measureSteps, type RunningCase, type TrainingCase } from './caseTools.ts';
import { type FlatnessOptions, measureFlatness } from './flatness.ts';
import { addRandomPictures, randomLabels, randomNumbers, randomParameters } from './randomInputs.ts';

/** Small, so that losses stay finite on labels that cannot be learnt. */
const LEARNING_RATE = 1e-3;
/** ImageNet's, as torchvision normalises. */
const STATISTICS = { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] };

/** Throws with a sentence when the case cannot be computed. */
export async function measureWindowbox(benchCase: BenchCase, tools: CaseTools): Promise<CaseMeasurement> {
  const caseNetwork = buildCaseNetwork(benchCase);
  const { compute, executor } = await openExecutor(benchCase, tools);
  let network: WebGpuNetwork | null = null;
  const store = executor.createPictureStore({ budgetBytes: pictureBytes(benchCase), statistics: STATISTICS });
  try {
    const parameters = randomParameters(caseNetwork.graph, 1);
    const batch = createBatch(benchCase, caseNetwork, store);
    const startedMs = tools.nowMs();
    const { graph, learning } = caseNetwork;
    network = await executor.create(graph, { batchSize: benchCase.batchSize, learning });
    network.writeParameters(parameters);
    tools.tell(`planned and compiled after ${((tools.nowMs() - startedMs) / 1000).toFixed(1)} s`);
    const measured = await measureMode({ network, batch, benchCase, caseNetwork, tools, startedMs });
    const kind = learning.length > 0 ? 'training' : 'inference';
    const families = canProfile(compute) ? await network.profile(kind) : null;
    compute.throwProblem();
    return { ...measured, families };
  } finally {
    network?.dispose();
    store.dispose();
    compute.close();
  }
}

async function measureMode(options: Omit<FlatnessOptions, 'running'>): Promise<Omit<CaseMeasurement, 'families'>> {
  const { network, batch, benchCase, caseNetwork, tools, startedMs } = options;
  const { learning } = caseNetwork;
  if (learning.length === 0) {
    const running = inferSteps(network, batch, tools);
    return await measureSteps(running, benchCase, caseNetwork, tools, startedMs);
  }
  const running = trainSteps(network, batch, learning, tools);
  if (benchCase.mode === 'flat') return await measureFlatness({ ...options, running });
  return await measureSteps(running, benchCase, caseNetwork, tools, startedMs);
}

/** As openWebGpu.ts does, without its self-test: that one is no part of a step. */
async function openExecutor(
  { tiles }: BenchCase,
  { nowMs, tell }: CaseTools,
): Promise<{ readonly compute: ComputeDevice; readonly executor: WebGpuExecutor }> {
  const adapter = await requestBenchAdapter();
  const device = await requestComputeDevice(adapter);
  const compute = new ComputeDevice(device, adapterKey(adapter, navigator.userAgent));
  const isSoftware = tiles === 'auto' && describeAdapter(adapter).isSoftware;
  tell(`tiles ${tiles === 'auto' ? (isSoftware ? 'for processors' : 'tuned') : tiles}`);
  const executor =
    tiles === 'fixed'
      ? createWebGpuExecutor(compute, { nowMs })
      : createTunedExecutor(compute, openDeviceNotes(), { nowMs, isSoftware });
  return { compute, executor };
}

/** Room for one batch: three bytes for a pixel, each picture filled up to whole words. */
function pictureBytes({ batchSize, imageSizePx }: BenchCase): number {
  return batchSize * 4 * Math.ceil((3 * imageSizePx ** 2) / 4);
}

/** The same batch for every step; pictures lie on the device already, as they do in training. */
function createBatch(
  { batchSize, imageSizePx, network }: BenchCase,
  { graph }: CaseNetwork,
  store: PictureStore,
): LabelledBatch {
  const labels = randomLabels(batchSize);
  if (network === 'head')
    return { count: batchSize, inputs: randomNumbers(batchSize * sizeOf(graph.inputShape)), labels };
  return { count: batchSize, store, views: addRandomPictures(store, batchSize, imageSizePx), labels };
}

function trainSteps(
  network: WebGpuNetwork,
  batch: LabelledBatch,
  learning: readonly string[],
  { meter, nowMs }: CaseTools,
): TrainingCase {
  const groups = [{ names: learning, learningRate: LEARNING_RATE, weightDecay: 0 }];
  const options: Omit<TrainStepOptions, 'dropoutSeed'> = { groups, rule: LESSON_SGD, maxGradientNorm: null };
  const jsMs: number[] = [];
  let dropoutSeed = 0;
  let lastLoss: number | null = null;
  // As learner.ts does.
  const runOn = async (given: LabelledBatch, count: number): Promise<void> => {
    for (let step = 0; step < count; step++) {
      const calledMs = nowMs();
      dropoutSeed += 1;
      await network.trainStep(given, { ...options, dropoutSeed });
      jsMs.push(meter.lastSubmitMs - calledMs);
      network.takeMetrics();
      await yieldToEvents();
    }
    lastLoss = (await network.finishSteps()).at(-1)?.loss ?? lastLoss;
  };
  return {
    jsMs,
    gpuBytes: () => network.memory.totalBytes,
    lastLoss: () => lastLoss,
    run: (count) => runOn(batch, count),
    runOn,
  };
}

function inferSteps(network: WebGpuNetwork, batch: InputBatch, { meter, nowMs }: CaseTools): RunningCase {
  const jsMs: number[] = [];
  const infer = (asked: InputBatch): Promise<Float32Array> => {
    const calledMs = nowMs();
    const output = network.infer(asked);
    // The submit is a few promises away, and no other call comes before the next task.
    void yieldToEvents().then(() => jsMs.push(meter.lastSubmitMs - calledMs));
    return output;
  };
  const timed: Network = Object.assign(Object.create(network), { infer });
  return {
    jsMs,
    gpuBytes: () => network.memory.totalBytes,
    lastLoss: () => null,
    run: async (count) => {
      await inferInOrder(timed, new Array<InputBatch>(count).fill(batch), () => {});
    },
  };
}
