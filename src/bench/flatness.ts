// A long run that looks at memory on the way: what is held after a tenth of the steps must be what is held after all of them. It
// has what epochs have: a shorter last batch, and a batch of validation.

import type { LabelledBatch } from '../engine/executors/executor.ts';
import type { WebGpuNetwork } from '../engine/executors/webgpu/webgpuNetwork.ts';
import type { BenchCase } from './benchJob.ts';
import type { CaseMeasurement, MemoryLook } from './benchReport.ts';
import { median } from './blockTiming.ts';
import type { CaseNetwork } from './caseNetwork.ts';
import { type CaseTools, type TrainingCase, teraflopsPerSecond } from './caseTools.ts';

export interface FlatnessOptions {
  readonly running: TrainingCase;
  readonly network: WebGpuNetwork;
  readonly batch: LabelledBatch;
  readonly benchCase: BenchCase;
  readonly caseNetwork: CaseNetwork;
  readonly tools: CaseTools;
  readonly startedMs: number;
}

/** Parts of the run, each ended by a look at memory; the first and the last are compared. */
const PARTS = 10;

interface PartsRun {
  readonly looks: readonly MemoryLook[];
  readonly stepMs: number;
}

/** Throws when a loss was not a number. The time of a step is that of the whole run by its steps, validation included. */
export async function measureFlatness(options: FlatnessOptions): Promise<Omit<CaseMeasurement, 'families'>> {
  const { running, network, benchCase, caseNetwork, tools, startedMs } = options;
  const { meter, nowMs } = tools;
  const { batchSize } = benchCase;
  const stepsPerPart = Math.max(1, Math.round(benchCase.steps / PARTS));
  await running.run(1);
  const firstUseSeconds = (nowMs() - startedMs) / 1000;
  const submitsBefore = meter.submits;
  const { looks: memoryLooks, stepMs } = await runParts(options, stepsPerPart);
  const steps = PARTS * stepsPerPart;
  const lastLoss = running.lastLoss();
  if (!Number.isFinite(lastLoss)) throw new RangeError(`The loss became ${lastLoss}: the run proves nothing.`);
  return {
    imagesPerSecond: (1000 * batchSize) / stepMs,
    stepMs,
    timedSteps: steps,
    stepsPerBlock: stepsPerPart,
    firstUseSeconds,
    jsMsPerStep: median(running.jsMs),
    dispatches: network.dispatchCounts.training,
    submits: Math.round((meter.submits - submitsBefore) / steps),
    gpuBytes: running.gpuBytes(),
    peakBufferBytes: meter.peakBufferBytes,
    teraflopsPerSecond: teraflopsPerSecond(caseNetwork.flopsPerItem * batchSize, stepMs),
    lastLoss,
    memoryLooks,
  };
}

async function runParts({ running, network, batch, tools }: FlatnessOptions, stepsPerPart: number): Promise<PartsRun> {
  const { meter, nowMs, tell, readJsHeapBytes } = tools;
  // The executor needs no tfjs; loaded so that its tensors can be counted.
  const tf = await import('../engine/tf.ts');
  const looks: MemoryLook[] = [];
  let ranMs = 0;
  for (let part = 1; part <= PARTS; part++) {
    const startedMs = nowMs();
    await running.run(stepsPerPart - 1);
    await running.runOn(halve(batch), 1);
    await network.infer(batch);
    ranMs += nowMs() - startedMs;
    const look = {
      step: part * stepsPerPart,
      gpuBytes: running.gpuBytes(),
      bufferBytes: meter.bufferBytes,
      tfTensors: tf.engine().state.numTensors,
      jsHeapBytes: part === 1 || part === PARTS ? await readJsHeapBytes() : null,
    };
    looks.push(look);
    tell(`after ${look.step} steps: ${look.bufferBytes} bytes of buffers, JS heap ${look.jsHeapBytes ?? 'not told'}`);
  }
  return { looks, stepMs: ranMs / (PARTS * stepsPerPart) };
}

function halve(batch: LabelledBatch): LabelledBatch {
  const count = Math.ceil(batch.count / 2);
  const labels = batch.labels.subarray(0, count);
  if (!('inputs' in batch)) return { ...batch, count, labels, views: batch.views.slice(0, count) };
  return { ...batch, count, labels, inputs: batch.inputs.subarray(0, (batch.inputs.length / batch.count) * count) };
}
