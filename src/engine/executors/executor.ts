// The contract that both executors keep: make for a graph -> write parameters -> train steps / inference -> read
// parameters -> dispose. The learner knows only this. Losses are read late, so that no step waits for the device.

import type { Graph, ParameterValues } from '../graph/graph.ts';
import type { ParameterGroup } from '../optimizers/optimizer.ts';

/** Input of one batch: [count, ...graph.inputShape] in one flat array. */
export interface InputBatch {
  readonly count: number;
  readonly inputs: Float32Array;
}

export interface LabelledBatch extends InputBatch {
  /** Class index of each item. */
  readonly labels: Int32Array;
}

export interface TrainStepOptions {
  /** What learns in this step, and how fast; everything else is frozen. */
  readonly groups: readonly ParameterGroup[];
  readonly momentum: number;
  /** Seeds this step's dropout; a new number for every step. */
  readonly dropoutSeed: number;
}

export interface Network {
  readonly graph: Graph;
  /** Replaces the parameters that are named; the optimizer's buffers stay. Throws RangeError for a wrong size. */
  writeParameters(values: ParameterValues): void;
  /** A copy of every parameter, running statistics included. */
  readParameters(): Promise<ParameterValues>;
  /** Forward in training mode, mean cross-entropy, backward, one optimizer step. Returns before the device is done. */
  trainStep(batch: LabelledBatch, options: TrainStepOptions): void;
  /** Losses of the steps since the last call, in order. */
  readLosses(): Promise<readonly number[]>;
  /** Output in inference mode: [count, ...graph.outputShape] in one flat array. */
  infer(batch: InputBatch): Promise<Float32Array>;
  /** Forgets momentum: a new fit starts without the last one's velocity. */
  resetOptimizer(): void;
  dispose(): void;
}

export interface Executor {
  create(graph: Graph): Network;
  /** The most bytes that the device held for tensors since the last call, its pool included. */
  takePeakBytes(): number;
}
