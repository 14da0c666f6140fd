// The contract that both executors keep: make for a graph and a batch size -> write parameters -> train steps / inference ->
// read parameters -> dispose. The learner knows only this. Losses are read late, so that no step waits for the device.

import type { PictureTransform, StoredPicture } from '../augment/pictureTransform.ts';
import type { Graph, ParameterValues } from '../graph/graph.ts';
import type { ParameterGroup, UpdateRule } from '../optimizers/optimizer.ts';

/** Mean over the batch of -log softmax at the true class, or mean over batch and classes of the sigmoid's cross-entropy. */
export type LossKind = 'crossEntropy' | 'binaryCrossEntropy';

export interface NetworkOptions {
  /** The largest batch that will come. Shorter ones are computed exactly: statistics, losses and gradients see only them. */
  readonly batchSize: number;
  /**
   * Names of the parameters that learn; everything else is frozen, and a batch norm whose scale is frozen uses its running
   * statistics and keeps them. Empty for inference only.
   */
  readonly learning: readonly string[];
  /**
   * Every batch norm uses its running statistics and keeps them, while its scale and shift may learn: PyTorch's batch norms in
   * eval mode, the lesson's bn_freeze(True) (LESSON section 4.4). False unless said otherwise.
   */
  readonly keepsStatistics?: boolean;
  /** Cross-entropy unless said otherwise. */
  readonly loss?: LossKind;
  /**
   * [class] How much an item of each class counts in the loss of a step: with the weights w of the items' true classes and
   * their losses l, sum(w l) / sum(w), as in PyTorch's CrossEntropyLoss(weight=w). Numbers from 0 up; all items alike unless
   * given. They scale each other and not the loss: twice every weight is the same training. Only cross-entropy takes them.
   * `correctCount` counts every item once.
   */
  readonly classWeights?: Float32Array;
}

/** Input of one batch as numbers: [count, ...graph.inputShape] in one flat array. */
export interface NumberBatch {
  readonly count: number;
  readonly inputs: Float32Array;
}

/** Input of one batch as pictures of a store, each seen through a transform; the graph's input is [height, width, 3]. */
export interface PictureBatch {
  readonly count: number;
  readonly store: PictureStore;
  readonly views: readonly PictureView[];
}

export interface PictureView {
  readonly pictureId: number;
  readonly transform: PictureTransform;
  /** Needed when the store does not hold the picture. */
  readonly picture?: StoredPicture;
}

export type InputBatch = NumberBatch | PictureBatch;

export type LabelledBatch = InputBatch & {
  /** Cross-entropy: class index of each item, Int32Array. Binary: [count, class], 0 or 1, Float32Array. */
  readonly labels: Int32Array | Float32Array;
};

export interface TrainStepOptions {
  /** Rates of what learns: together exactly the names that the network was made to learn. */
  readonly groups: readonly ParameterGroup[];
  readonly rule: UpdateRule;
  /** Largest L2 norm of all gradients together; null leaves them as they are. */
  readonly maxGradientNorm: number | null;
  /** Seeds this step's dropout; a new number for every step. */
  readonly dropoutSeed: number;
}

export interface StepMetrics {
  /** NaN for a step that changed nothing because its loss or gradient was not finite, or one before it was. */
  readonly loss: number;
  /** Cross-entropy: items whose largest logit is the true class. Binary: (item, class) pairs on the right side of 0.5. */
  readonly correctCount: number;
}

export interface MemoryNeed {
  /** All that the network holds on the device, from its making to its end. */
  readonly totalBytes: number;
  readonly largestBufferBytes: number;
  /** The largest buffer that the device allows. How much memory it has, browsers do not tell. */
  readonly allowedBufferBytes: number;
}

/** What a network would hold, counted before it is made. */
export interface MemoryEstimate {
  readonly totalBytes: number;
  /** Where they would lie, as a sentence says it: 'on the graphics card'. */
  readonly place: string;
  /** True where the plan that would run was counted, false where it is worked out from the graph's shapes. */
  readonly isCounted: boolean;
  /** Why there can be no such network, as a clause of a sentence; null where nothing that is known stands against it. */
  readonly obstacle: string | null;
}

/**
 * What the update rule remembers between steps. A fit keeps to one kind of rule, so that it need not be said whose it is. Values by
 * the name of the parameter; those of a parameter that no step has updated yet are left out, or are zeros.
 */
export interface OptimizerValues {
  /** Steps that counted since the optimizer was reset. */
  readonly stepCount: number;
  /** SGD's velocity, or AdamW's mean of gradients. */
  readonly velocities: ParameterValues;
  /** AdamW's mean of squared gradients; empty under SGD. */
  readonly squares: ParameterValues;
}

/** All that a network's next step depends on. */
export interface NetworkState {
  readonly parameters: ParameterValues;
  readonly optimizer: OptimizerValues;
}

export interface Network {
  readonly graph: Graph;
  /** Null where memory comes and goes with the work, as on the reference executor. */
  readonly memory: MemoryNeed | null;
  /** As it was made: no step changes a running statistic. */
  readonly keepsStatistics: boolean;
  /** Replaces the parameters that are named; the optimizer's buffers stay. Throws RangeError for a wrong size or name. */
  writeParameters(values: ParameterValues): void;
  /** A copy of every parameter, running statistics included. */
  readParameters(): Promise<ParameterValues>;
  /**
   * Forward in training mode, loss, backward, one optimizer step. Resolves when the next step may be given: the device may
   * lag behind, by three steps at most. A step whose loss or gradient is not finite changes no parameter, running statistic
   * or optimizer buffer, and neither does any later one until parameters are written: the last good weights stay.
   * Throws RangeError for a batch that does not fit.
   */
  trainStep(batch: LabelledBatch, options: TrainStepOptions): Promise<void>;
  /** Metrics of steps that have arrived since the last call, in order. Never waits. */
  takeMetrics(): readonly StepMetrics[];
  /** Waits for the device and gives the metrics of all steps since the last call, in order. */
  finishSteps(): Promise<readonly StepMetrics[]>;
  /**
   * Output in inference mode: [count, ...graph.outputShape] in one flat array. Several may be under way at once; they are
   * computed in the order of the calls.
   */
  infer(batch: InputBatch): Promise<Float32Array>;
  /**
   * A copy of everything that the next step depends on, as it is after the steps given so far. Steps that follow may be given
   * before it is there. Costs one readback.
   */
  readState(): Promise<NetworkState>;
  /**
   * The network goes on as the one that gave this state would: on the same device bit by bit. Throws RangeError, before anything
   * is written, for a wrong size or name.
   */
  writeState(state: NetworkState): void;
  /** Forgets momentum: a new fit starts without the last one's velocity. */
  resetOptimizer(): void;
  dispose(): void;
}

/** Pictures kept near the device, normalised when they are used. */
export interface PictureStore {
  /** False when its budget is used up: hand the picture in with each view then. Throws RangeError for an id that is there. */
  add(pictureId: number, picture: StoredPicture): boolean;
  has(pictureId: number): boolean;
  readonly heldBytes: number;
  dispose(): void;
}

export interface PictureStoreOptions {
  readonly budgetBytes: number;
  /** Of the network's training data, in units of 0..1, red green blue. */
  readonly statistics: { readonly mean: readonly number[]; readonly std: readonly number[] };
}

export interface Executor {
  /** Throws EngineError 'outOfMemory' when the device has no room, 'settingInvalid' when a batch can never fit. */
  create(graph: Graph, options: NetworkOptions): Promise<Network>;
  /** Without any work of the device. */
  estimateMemory(graph: Graph, options: NetworkOptions): MemoryEstimate;
  createPictureStore(options: PictureStoreOptions): PictureStore;
  /** What a shelf of pictures may take in a store: much where they lie on the device, little where they take the page's own memory. */
  readonly shelfBudgetBytes: number;
  /** The most bytes that the device held since the last call. */
  takePeakBytes(): number;
}
