// A network on tfjs ops. It keeps the contract the plain way: each step's loss and gradient are looked at before anything
// is changed, so a bad step cannot have left a trace.

import type { EngineError } from '../../../protocol/errors.ts';
import { type Graph, type ParameterSpec, type ParameterValues, sizeOf } from '../../graph/graph.ts';
import { clipFactor } from '../../optimizers/optimizer.ts';
import * as tf from '../../tf.ts';
import { checkBatch, checkClassWeights, checkGroups, checkLabels, learnedNames } from '../checkBatch.ts';
import type {
  InputBatch,
  LabelledBatch,
  LossKind,
  Network,
  NetworkOptions,
  NetworkState,
  StepMetrics,
  TrainStepOptions,
} from '../executor.ts';
import { explainFailure } from './explainFailure.ts';
import { FoldedNetwork } from './foldedNetwork.ts';
import { OptimizerState } from './optimizerState.ts';
import { inputsOfBatch } from './referencePictureStore.ts';
import { runTrainingPass, type TrainingPass } from './trainingPass.ts';

export interface NetworkWatcher {
  /** Much of the memory is in use. */
  onPeak(): void;
  /** The backend broke, for good; with what is told of it. */
  onBroken(error: EngineError): void;
}

export class ReferenceNetwork implements Network {
  readonly graph: Graph;
  readonly memory = null;
  readonly keepsStatistics: boolean;
  private readonly batchSize: number;
  private readonly learning: readonly string[];
  private readonly loss: LossKind;
  private readonly classWeights: Float32Array | undefined;
  private readonly watcher: NetworkWatcher;
  private readonly specs: ReadonlyMap<string, ParameterSpec>;
  private readonly values = new Map<string, tf.Variable>();
  private readonly optimizer = new OptimizerState();
  private metrics: StepMetrics[] = [];
  private isStepping = false;
  /** What computes is broken for good. */
  private isBroken = false;
  /** Set by a step that was not finite, until parameters are written. */
  private isHalted = false;
  /** Made on first inference, thrown away by the next change of parameters. */
  private folded: Promise<FoldedNetwork> | null = null;

  /** Throws RangeError for options that do not fit the graph. */
  constructor(graph: Graph, options: NetworkOptions, watcher: NetworkWatcher) {
    if (!Number.isInteger(options.batchSize) || options.batchSize < 1) {
      throw new RangeError(`A batch size is a whole number from 1 up, not ${options.batchSize}.`);
    }
    checkClassWeights(graph, options);
    this.graph = graph;
    this.batchSize = options.batchSize;
    this.learning = learnedNames(graph, options.learning);
    this.keepsStatistics = options.keepsStatistics ?? false;
    this.loss = options.loss ?? 'crossEntropy';
    this.classWeights = options.classWeights?.slice();
    this.watcher = watcher;
    this.specs = new Map(graph.parameters.map((spec) => [spec.name, spec]));
    for (const spec of graph.parameters) this.values.set(spec.name, createVariable(spec));
  }

  writeParameters(values: ParameterValues): void {
    this.checkSizes(values);
    for (const [name, value] of values) {
      // The tensor may keep the array it is given, so it gets its own copy.
      this.replace(
        name,
        tf.tidy(() => tf.tensor(value.slice(), this.variable(name).shape)),
      );
    }
    this.isHalted = false;
    this.dropFolded();
  }

  async readState(): Promise<NetworkState> {
    const [parameters, optimizer] = await Promise.all([this.readParameters(), this.optimizer.read()]);
    return { parameters, optimizer };
  }

  writeState({ parameters, optimizer }: NetworkState): void {
    this.checkSizes(optimizer.velocities);
    this.checkSizes(optimizer.squares);
    this.writeParameters(parameters);
    this.optimizer.write(optimizer, (name) => this.variable(name).shape);
  }

  async readParameters(): Promise<ParameterValues> {
    // All are held before the first is waited for, so that a change in between is not half in.
    const held = this.graph.parameters.map(({ name }) => [name, tf.clone(this.variable(name))] as const);
    const values = new Map<string, Float32Array>();
    for (const [name, tensor] of held) {
      // Parameters are always float32; a backend may hand out its own array, so it is copied.
      values.set(name, ((await tensor.data()) as Float32Array).slice());
      tensor.dispose();
    }
    return values;
  }

  /** Waits for the pass's loss and gradient norm. A step that changes nothing has the loss NaN; after one, none is computed. */
  async trainStep(batch: LabelledBatch, options: TrainStepOptions): Promise<void> {
    checkBatch(this.graph, this.batchSize, batch);
    checkLabels(this.graph, this.loss, batch, this.classWeights);
    checkGroups(this.graph, this.learning, options.groups);
    if (this.isStepping) throw new Error('A step is under way: wait for it before the next one.');
    if (this.isHalted) {
      this.metrics.push({ loss: Number.NaN, correctCount: 0 });
      return;
    }
    this.isStepping = true;
    try {
      await this.explained(() => this.step(batch, options));
    } finally {
      this.isStepping = false;
    }
  }

  takeMetrics(): readonly StepMetrics[] {
    const taken = this.metrics;
    this.metrics = [];
    return taken;
  }

  /** Nothing is left to wait for: a step ends with its metrics. */
  async finishSteps(): Promise<readonly StepMetrics[]> {
    return this.takeMetrics();
  }

  async infer(batch: InputBatch): Promise<Float32Array> {
    checkBatch(this.graph, this.batchSize, batch);
    return await this.explained(async () => {
      this.folded ??= this.readParameters().then((values) => new FoldedNetwork(this.graph, values));
      return await this.runFolded(await this.folded, batch);
    });
  }

  private async explained<Result>(work: () => Promise<Result>): Promise<Result> {
    try {
      return await work();
    } catch (thrown) {
      const explained = explainFailure(thrown);
      if (explained !== thrown) {
        this.isBroken = true;
        this.watcher.onBroken(explained as EngineError);
      }
      throw explained;
    }
  }

  private async runFolded(folded: FoldedNetwork, batch: InputBatch): Promise<Float32Array> {
    const output = tf.tidy(() => {
      const inputs = tf.tensor(inputsOfBatch(this.graph, batch), [batch.count, ...this.graph.inputShape]);
      const output = folded.run(inputs);
      this.watcher.onPeak();
      return output;
    });
    // The output of a network is float32; copied because a backend may reuse what it hands out.
    const values = ((await output.data()) as Float32Array).slice();
    output.dispose();
    return values;
  }

  resetOptimizer(): void {
    this.optimizer.reset();
  }

  dispose(): void {
    // Its memory went with the WebAssembly, which fails at whatever it is asked: that would be told in place of the reason.
    if (this.isBroken) return;
    this.resetOptimizer();
    this.dropFolded();
    this.metrics = [];
    for (const variable of this.values.values()) variable.dispose();
    this.values.clear();
  }

  private async step(batch: LabelledBatch, options: TrainStepOptions): Promise<void> {
    const pass = await runTrainingPass({
      graph: this.graph,
      inputs: inputsOfBatch(this.graph, batch),
      count: batch.count,
      labels: batch.labels,
      loss: this.loss,
      classWeights: this.classWeights,
      dropoutSeed: options.dropoutSeed,
      parameter: (name) => this.variable(name),
      learning: this.learning,
      keepsStatistics: this.keepsStatistics,
      onPeak: () => this.watcher.onPeak(),
    });
    try {
      this.isHalted = !Number.isFinite(pass.loss) || !Number.isFinite(pass.gradientNorm);
      if (!this.isHalted) this.apply(pass, options);
      // A step that changed nothing must not look like a good one, whatever its loss: the fit would go on for nothing.
      this.metrics.push({ loss: this.isHalted ? Number.NaN : pass.loss, correctCount: pass.correctCount });
    } finally {
      pass.dispose();
    }
  }

  private apply(pass: TrainingPass, { groups, rule, maxGradientNorm }: TrainStepOptions): void {
    const factor = maxGradientNorm === null ? 1 : clipFactor(pass.gradientNorm, maxGradientNorm);
    this.optimizer.startStep();
    for (const group of groups) {
      for (const name of group.names) {
        const gradient = pass.gradients.get(name);
        // A running statistic may be named in a group; no gradient reaches it.
        if (!gradient) continue;
        const updated = tf.tidy(() => {
          const clipped = factor === 1 ? gradient : tf.mul(gradient, factor);
          return this.optimizer.update(name, this.variable(name), clipped, group, rule);
        });
        this.replace(name, updated);
      }
    }
    for (const { name, mean, variance } of pass.statistics) {
      this.variable(`${name}.running_mean`).assign(mean);
      this.variable(`${name}.running_var`).assign(variance);
    }
    this.dropFolded();
  }

  /** An inference that is under way waits for the same promise and was there first: it runs before the disposal. */
  private dropFolded(): void {
    this.folded?.then(
      (folded) => folded.dispose(),
      () => {}, // The inference that asked for it is told.
    );
    this.folded = null;
  }

  private checkSizes(values: ParameterValues): void {
    for (const [name, { length }] of values) {
      const spec = this.specs.get(name);
      if (spec && length === sizeOf(spec.shape)) continue;
      throw new RangeError(`${name} takes ${spec ? sizeOf(spec.shape) : 'no'} values, not ${length}.`);
    }
  }

  private replace(name: string, tensor: tf.Tensor): void {
    this.variable(name).assign(tensor);
    tensor.dispose();
  }

  private variable(name: string): tf.Variable {
    const variable = this.values.get(name);
    if (!variable) throw new RangeError(`This network has no parameter ${name}.`);
    return variable;
  }
}

function createVariable(spec: ParameterSpec): tf.Variable {
  const initial = spec.kind === 'runningVariance' ? tf.ones([...spec.shape]) : tf.zeros([...spec.shape]);
  const variable = tf.variable(initial, spec.isLearned);
  initial.dispose();
  return variable;
}
