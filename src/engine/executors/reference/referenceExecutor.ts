// The reference executor: any tfjs backend, tfjs's own gradients. Slow, short, and the test of the fast one.

import { foldBatchNorm } from '../../graph/foldBatchNorm.ts';
import { type Graph, type ParameterSpec, type ParameterValues, sizeOf } from '../../graph/graph.ts';
import type { ParameterGroup } from '../../optimizers/optimizer.ts';
import * as tf from '../../tf.ts';
import type { Executor, InputBatch, LabelledBatch, Network, TrainStepOptions } from '../executor.ts';
import { type RunningStatistics, runForward, runFusedForward } from './forward.ts';

/** Runs on whichever tfjs backend is set when a network is created. */
export function createReferenceExecutor(): Executor {
  const memory = createPeakMemory();
  return {
    create: (graph) => new ReferenceNetwork(graph, memory),
    takePeakBytes: memory.takePeakBytes,
  };
}

interface PeakMemory {
  /** Call where much is alive: at the end of a pass, before its tensors go. */
  sample(): void;
  takePeakBytes(): number;
}

function createPeakMemory(): PeakMemory {
  let peakBytes = 0;
  return {
    sample() {
      const memory: tf.MemoryInfo & { numBytesAllocatedInGPU?: number } = tf.memory();
      peakBytes = Math.max(peakBytes, memory.numBytesAllocatedInGPU ?? memory.numBytes);
    },
    takePeakBytes() {
      const taken = peakBytes;
      peakBytes = 0;
      return taken;
    },
  };
}

class ReferenceNetwork implements Network {
  readonly graph: Graph;
  private readonly memory: PeakMemory;
  private readonly specs: ReadonlyMap<string, ParameterSpec>;
  private readonly values = new Map<string, tf.Variable>();
  private readonly velocities = new Map<string, tf.Tensor>();
  private pendingLosses: tf.Scalar[] = [];
  /** Made on first inference, thrown away by the next change of parameters. */
  private folded: { graph: Graph; values: Map<string, tf.Tensor> } | null = null;

  constructor(graph: Graph, memory: PeakMemory) {
    this.graph = graph;
    this.memory = memory;
    this.specs = new Map(graph.parameters.map((spec) => [spec.name, spec]));
    for (const spec of graph.parameters) this.values.set(spec.name, createVariable(spec));
  }

  writeParameters(values: ParameterValues): void {
    for (const [name, value] of values) {
      const spec = this.specs.get(name);
      if (!spec || value.length !== sizeOf(spec.shape)) {
        throw new RangeError(`${name} takes ${spec ? sizeOf(spec.shape) : 'no'} values, not ${value.length}.`);
      }
      // The tensor may keep the array it is given, so it gets its own copy.
      const tensor = tf.tensor(value.slice(), [...spec.shape]);
      this.variable(name).assign(tensor);
      tensor.dispose();
    }
    this.dropFolded();
  }

  async readParameters(): Promise<ParameterValues> {
    const values = new Map<string, Float32Array>();
    for (const { name } of this.graph.parameters) {
      // Parameters are always float32; a backend may hand out its own array, so it is copied.
      values.set(name, ((await this.variable(name).data()) as Float32Array).slice());
    }
    return values;
  }

  trainStep(batch: LabelledBatch, options: TrainStepOptions): void {
    const learning = this.learningNames(options.groups);
    const statistics: RunningStatistics[] = [];
    const variables = [...learning].map((name) => this.variable(name));
    const loss = tf.tidy(() => {
      const inputs = tf.tensor(batch.inputs, [batch.count, ...this.graph.inputShape]);
      const { value, grads } = tf.variableGrads(() => {
        const logits = runForward(this.graph, inputs, {
          parameter: (name) => this.variable(name),
          isTraining: (batchNorm) => learning.has(`${batchNorm}.weight`),
          dropoutSeed: options.dropoutSeed,
          onStatistics: (update) => statistics.push(keepStatistics(update)),
        });
        return meanCrossEntropy(logits as tf.Tensor2D, batch.labels);
      }, variables);
      this.memory.sample();
      for (const group of options.groups) this.applySgd(group, grads, options.momentum);
      return tf.keep(value);
    });
    for (const { name, mean, variance } of statistics) {
      this.replace(`${name}.running_mean`, mean);
      this.replace(`${name}.running_var`, variance);
    }
    this.pendingLosses.push(loss as tf.Scalar);
    this.dropFolded();
  }

  async readLosses(): Promise<readonly number[]> {
    const waiting = this.pendingLosses;
    this.pendingLosses = [];
    const losses: number[] = [];
    for (const loss of waiting) {
      losses.push((await loss.data())[0] as number);
      loss.dispose();
    }
    return losses;
  }

  async infer(batch: InputBatch): Promise<Float32Array> {
    const folded = await this.fold();
    const output = tf.tidy(() => {
      const inputs = tf.tensor(batch.inputs, [batch.count, ...this.graph.inputShape]);
      const output = runFusedForward(folded.graph, inputs, (name) => folded.values.get(name) as tf.Tensor);
      this.memory.sample();
      return output;
    });
    // The output of a network is float32; copied because a backend may reuse what it hands out.
    const values = ((await output.data()) as Float32Array).slice();
    output.dispose();
    return values;
  }

  resetOptimizer(): void {
    for (const velocity of this.velocities.values()) velocity.dispose();
    this.velocities.clear();
  }

  dispose(): void {
    this.resetOptimizer();
    this.dropFolded();
    for (const loss of this.pendingLosses) loss.dispose();
    this.pendingLosses = [];
    for (const variable of this.values.values()) variable.dispose();
    this.values.clear();
  }

  private learningNames(groups: readonly ParameterGroup[]): ReadonlySet<string> {
    const names = groups.flatMap((group) => group.names).filter((name) => this.specs.get(name)?.isLearned);
    return new Set(names);
  }

  /** LESSON section 3: d = g + weightDecay * p; v = momentum * v + d; p = p - learningRate * v. */
  private applySgd(group: ParameterGroup, gradients: tf.NamedTensorMap, momentum: number): void {
    for (const name of group.names) {
      if (!this.specs.get(name)?.isLearned) continue;
      const variable = this.variable(name);
      const gradient = gradients[variable.name] as tf.Tensor;
      const decayed = group.weightDecay === 0 ? gradient : tf.add(gradient, tf.mul(variable, group.weightDecay));
      const before = this.velocities.get(name);
      const velocity = tf.keep(before ? tf.add(tf.mul(before, momentum), decayed) : tf.clone(decayed));
      before?.dispose();
      this.velocities.set(name, velocity);
      variable.assign(tf.sub(variable, tf.mul(velocity, group.learningRate)));
    }
  }

  private async fold(): Promise<{ graph: Graph; values: Map<string, tf.Tensor> }> {
    if (this.folded) return this.folded;
    const { graph, values } = foldBatchNorm(this.graph, await this.readParameters());
    const tensors = new Map(
      graph.parameters.map((spec) => [spec.name, tf.tensor(values.get(spec.name) as Float32Array, [...spec.shape])]),
    );
    this.folded = { graph, values: tensors };
    return this.folded;
  }

  private dropFolded(): void {
    for (const tensor of this.folded?.values.values() ?? []) tensor.dispose();
    this.folded = null;
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

function keepStatistics({ name, mean, variance }: RunningStatistics): RunningStatistics {
  return { name, mean: tf.keep(mean), variance: tf.keep(variance) };
}

/** Mean over the batch of -log softmax at the true class. Logits [batch, class]. */
function meanCrossEntropy(logits: tf.Tensor2D, labels: Int32Array): tf.Scalar {
  const truth = tf.oneHot(tf.tensor1d(labels, 'int32'), logits.shape[1]); // [batch, class]
  return tf.neg(tf.mean(tf.sum(tf.mul(truth, tf.logSoftmax(logits)), 1)));
}
