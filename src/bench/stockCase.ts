// Measures a case on stock tfjs: a tf.layers model on tfjs's own WebGPU backend, with nothing of it changed. Its pool of buffers
// never shrinks, so its worker is ended afterwards.

import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import '@tensorflow/tfjs-backend-webgpu';
import * as tf from '../engine/tf.ts';
import type { BenchCase } from './benchJob.ts';
import type { CaseMeasurement } from './benchReport.ts';
import { buildCaseNetwork, type CaseNetwork } from './caseNetwork.ts';
import { type CaseTools, measureSteps, type RunningCase } from './caseTools.ts';
import { BENCH_CLASSES, randomLabels } from './randomInputs.ts';
import { buildStockModel, refuseImpossible, type StockModel } from './stockLayers.ts';
import { trainStockStep } from './stockSteps.ts';

const LEARNING_RATE = 1e-3;
const MOMENTUM = 0.9;

/** Throws with a sentence when the case cannot be computed. */
export async function measureStock(benchCase: BenchCase, tools: CaseTools): Promise<CaseMeasurement> {
  if (benchCase.mode === 'flat') throw new RangeError('Memory over many steps is looked at for windowbox only.');
  const caseNetwork = buildCaseNetwork(benchCase);
  refuseImpossible(caseNetwork.graph);
  await tf.setBackend('webgpu');
  const throwProblem = watchDevice();
  const startedMs = tools.nowMs();
  const images = tf.randomUniform([benchCase.batchSize, ...caseNetwork.graph.inputShape], -1, 1);
  const running = createSteps(caseNetwork, images, benchCase, tools);
  const checked: RunningCase = {
    ...running,
    run: async (count) => {
      await running.run(count);
      throwProblem();
    },
  };
  return { ...(await measureSteps(checked, benchCase, caseNetwork, tools, startedMs)), families: null };
}

/** tfjs itself never asks whether its device is well: out of memory, it goes on with garbage. */
function watchDevice(): () => void {
  const { device } = tf.backend() as WebGPUBackend;
  let problem: string | null = null;
  device.addEventListener('uncapturederror', ({ error }) => {
    problem ??= error instanceof GPUOutOfMemoryError ? `out of memory (${error.message})` : error.message;
  });
  void device.lost.then(({ message, reason }) => {
    problem ??= `the device was lost (${message || reason})`;
  });
  return () => {
    if (problem) throw new Error(`Stock tfjs failed: ${problem}`);
  };
}

function createSteps(network: CaseNetwork, images: tf.Tensor, benchCase: BenchCase, tools: CaseTools): RunningCase {
  const { graph, learning, frozen } = network;
  if (learning.length === 0) return inferSteps(buildStockModel(graph), images, tools);
  const oneHot = tf.tidy(() => tf.oneHot(tf.tensor1d(randomLabels(benchCase.batchSize), 'int32'), BENCH_CLASSES));
  const optimizer = tf.train.momentum(LEARNING_RATE, MOMENTUM);
  if (!frozen) {
    const stock = buildStockModel(graph);
    return trainSteps(() => trainStockStep(stock, optimizer, images, oneHot), tools);
  }
  const [body, head] = [buildStockModel(frozen.body), buildStockModel(frozen.head)];
  return trainSteps(() => {
    const features = infer(body, images);
    const loss = trainStockStep(head, optimizer, features, oneHot);
    features.dispose();
    return loss;
  }, tools);
}

function trainSteps(step: () => tf.Scalar, { nowMs }: CaseTools): RunningCase {
  const jsMs: number[] = [];
  let lastLoss: number | null = null;
  return {
    jsMs,
    gpuBytes: readPoolBytes,
    lastLoss: () => lastLoss,
    run: async (count) => {
      let loss: tf.Scalar | null = null;
      for (let index = 0; index < count; index++) {
        loss?.dispose();
        const calledMs = nowMs();
        loss = step();
        jsMs.push(nowMs() - calledMs);
      }
      // Reading the last loss waits for all that was submitted before it.
      if (loss) lastLoss = (await loss.data())[0] ?? null;
      loss?.dispose();
    },
  };
}

/** Two batches are under way at once, as with the studio's own executor. */
function inferSteps(stock: StockModel, images: tf.Tensor, { nowMs }: CaseTools): RunningCase {
  const jsMs: number[] = [];
  const inferAndRead = async (): Promise<void> => {
    const calledMs = nowMs();
    const output = infer(stock, images);
    jsMs.push(nowMs() - calledMs);
    await output.data();
    output.dispose();
  };
  return {
    jsMs,
    gpuBytes: readPoolBytes,
    lastLoss: () => null,
    run: async (count) => {
      let before: Promise<void> = Promise.resolve();
      for (let index = 0; index < count; index++) {
        const current = inferAndRead();
        await before;
        before = current;
      }
      await before;
    },
  };
}

/** @returns [batch, ...outputShape] in inference mode. LayersModel.predict would copy its input once more. */
function infer({ model }: StockModel, images: tf.Tensor): tf.Tensor {
  return tf.tidy(() => model.apply(images, { training: false }) as tf.Tensor);
}

function readPoolBytes(): number {
  const memory: tf.MemoryInfo & { numBytesAllocatedInGPU?: number } = tf.memory();
  return memory.numBytesAllocatedInGPU ?? memory.numBytes;
}
