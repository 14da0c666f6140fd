// What measuring a case needs, and what is the same for both executors: first use, blocks of steps, numbers that follow.

import type { LabelledBatch } from '../engine/executors/executor.ts';
import type { BenchCase } from './benchJob.ts';
import type { CaseMeasurement } from './benchReport.ts';
import { median, type RunSteps, timeBlocks } from './blockTiming.ts';
import type { CaseNetwork } from './caseNetwork.ts';
import type { DeviceMeter } from './deviceMeter.ts';

export interface CaseTools {
  readonly meter: DeviceMeter;
  readonly nowMs: () => number;
  /** Tells the person what is being done. */
  readonly tell: (line: string) => void;
  /** Of this worker, after a collection; null where the browser does not tell. May take twenty seconds. */
  readonly readJsHeapBytes: () => Promise<number | null>;
}

/** A network that is ready to run its steps. */
export interface RunningCase {
  readonly run: RunSteps;
  /** JavaScript of every step so far, in milliseconds. */
  readonly jsMs: number[];
  readonly gpuBytes: () => number;
  readonly lastLoss: () => number | null;
}

export interface TrainingCase extends RunningCase {
  /** Steps on another batch than its own. */
  readonly runOn: (batch: LabelledBatch, count: number) => Promise<void>;
}

/** @param startedMs when the making of the network began. Throws when the loss is not a number: such steps prove nothing. */
export async function measureSteps(
  running: RunningCase,
  benchCase: BenchCase,
  { flopsPerItem }: CaseNetwork,
  { meter, nowMs, tell }: CaseTools,
  startedMs: number,
): Promise<Omit<CaseMeasurement, 'families'>> {
  const { steps, budgetSeconds, batchSize } = benchCase;
  await running.run(1);
  const firstUseSeconds = (nowMs() - startedMs) / 1000;
  tell(`first step after ${firstUseSeconds.toFixed(1)} s`);
  running.jsMs.length = 0;
  const before = { ...meter };
  let stepsRun = 0;
  const run: RunSteps = (count) => {
    stepsRun += count;
    return running.run(count);
  };
  const timing = await timeBlocks(run, { steps, budgetMs: 1000 * budgetSeconds, nowMs });
  const lastLoss = running.lastLoss();
  if (lastLoss !== null && !Number.isFinite(lastLoss)) {
    throw new RangeError(`The loss became ${lastLoss}: what was timed cannot be trusted.`);
  }
  return {
    imagesPerSecond: (1000 * batchSize) / timing.stepMs,
    ...timing,
    firstUseSeconds,
    jsMsPerStep: median(running.jsMs),
    dispatches: Math.round((meter.dispatches - before.dispatches) / stepsRun),
    submits: Math.round((meter.submits - before.submits) / stepsRun),
    gpuBytes: running.gpuBytes(),
    peakBufferBytes: meter.peakBufferBytes,
    teraflopsPerSecond: teraflopsPerSecond(flopsPerItem * batchSize, timing.stepMs),
    lastLoss,
    memoryLooks: null,
  };
}

export function teraflopsPerSecond(flops: number, timeMs: number): number {
  return flops / timeMs / 1e9;
}
