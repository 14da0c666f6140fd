// A network on a device: a plan for steps and one for inference over the same parameters, made once. A step writes a few
// kilobytes of numbers, lists its dispatches and submits; nothing is allocated and nothing is waited for.

import type { Graph, ParameterValues } from '../../graph/graph.ts';
import type { ParameterGroup, UpdateRule } from '../../optimizers/optimizer.ts';
import { checkBatch, checkGroups, checkLabels } from '../checkBatch.ts';
import type {
  InputBatch,
  LabelledBatch,
  LossKind,
  MemoryNeed,
  Network,
  NetworkState,
  StepMetrics,
  TrainStepOptions,
} from '../executor.ts';
import { BatchInput } from './batchInput.ts';
import type { ComputeDevice } from './device.ts';
import type { DeviceMemory } from './deviceMemory.ts';
import { CONTROL_COUNT_WORD, CONTROL_HALTED_WORD } from './kernels/optimizer.ts';
import { MetricsRing } from './metricsRing.ts';
import { ParameterTransfer } from './parameterTransfer.ts';
import type { InferencePlan, NetworkBuffers, TrainingPlan } from './plan/lowerNetwork.ts';
import type { ParameterLayout } from './plan/parameterLayout.ts';
import { encodeDispatches, type PreparedDispatch, prepareDispatches, splitByWork } from './preparedPlan.ts';
import { type FamilyTime, profileDispatches } from './profile.ts';
import { Readback } from './readback.ts';
import { encodeStep } from './stepUniform.ts';
import { SubmitPacing } from './submitPacing.ts';
import { encodeWeightedLabels } from './weightedLabels.ts';

export interface PreparedPlans {
  readonly training: {
    readonly plan: TrainingPlan;
    readonly preparation: Prepared;
    readonly dispatches: Prepared;
  } | null;
  readonly inference: { readonly plan: InferencePlan; readonly preparation: Prepared; readonly dispatches: Prepared };
}

type Prepared = readonly PreparedDispatch[];

export interface WebGpuNetworkParts {
  readonly graph: Graph;
  readonly batchSize: number;
  readonly learning: readonly string[];
  readonly keepsStatistics: boolean;
  readonly loss: LossKind;
  /** [class]; undefined where all items count alike. */
  readonly classWeights: Float32Array | undefined;
  readonly compute: ComputeDevice;
  readonly memory: DeviceMemory;
  readonly memoryNeed: MemoryNeed;
  readonly layout: ParameterLayout;
  readonly buffers: NetworkBuffers;
  readonly plans: PreparedPlans;
  readonly nowMs: () => number;
  readonly onDispose: () => void;
}

export class WebGpuNetwork implements Network {
  readonly graph: Graph;
  readonly memory: MemoryNeed;
  readonly keepsStatistics: boolean;
  private readonly parts: WebGpuNetworkParts;
  private readonly input: BatchInput;
  private readonly metrics: MetricsRing;
  private readonly transfer: ParameterTransfer;
  private readonly readback: Readback;
  private readonly pacing: SubmitPacing;
  private readonly updates = new Map<UpdateRule['kind'], Prepared>();
  /** Names of the groups whose rates the device knows by number. */
  private knownGroups: readonly (readonly string[])[] = [];
  private isTrainingStale = true;
  private isInferenceStale = true;
  /** Work is encoded in the order of the calls, even where one has to wait for a compiler. */
  private lastCall: Promise<unknown> = Promise.resolve();

  constructor(parts: WebGpuNetworkParts) {
    const { compute, memory, buffers, batchSize, layout } = parts;
    this.parts = parts;
    this.graph = parts.graph;
    this.memory = parts.memoryNeed;
    this.keepsStatistics = parts.keepsStatistics;
    this.input = new BatchInput({
      compute,
      memory,
      batchSize,
      inputNumbers: buffers.inputNumbers,
      step: buffers.step,
      inputShape: parts.graph.inputShape,
    });
    this.metrics = new MetricsRing(compute.device, memory.bufferOf(buffers.metrics));
    this.transfer = new ParameterTransfer(compute.device, memory, layout);
    this.readback = new Readback(compute.device);
    this.pacing = new SubmitPacing(compute.device, parts.nowMs, flopsOf(parts.plans.training?.dispatches ?? []));
    this.writeInitialNumbers();
  }

  writeParameters(values: ParameterValues): void {
    this.transfer.write(values);
    this.writeControl(CONTROL_HALTED_WORD, 0);
    this.isTrainingStale = true;
    this.isInferenceStale = true;
  }

  readParameters(): Promise<ParameterValues> {
    return this.inOrder(async () => await this.guarded(this.transfer.read()));
  }

  async readState(): Promise<NetworkState> {
    // Submitted in order; what comes back is waited for by this call alone, so that steps may follow at once.
    const { arriving } = await this.inOrder(async () => ({
      arriving: this.transfer.readState(this.parts.buffers.control),
    }));
    return await this.guarded(arriving);
  }

  writeState({ parameters, optimizer: { stepCount, velocities, squares } }: NetworkState): void {
    this.transfer.check(parameters);
    this.transfer.check(velocities, 'velocities');
    this.transfer.check(squares, 'squares');
    this.resetOptimizer();
    if (squares.size > 0) this.addSquares();
    this.writeParameters(parameters);
    this.transfer.write(velocities, 'velocities');
    this.transfer.write(squares, 'squares');
    this.writeControl(CONTROL_COUNT_WORD, stepCount);
  }

  async trainStep(batch: LabelledBatch, options: TrainStepOptions): Promise<void> {
    const { graph, batchSize, loss, classWeights, learning } = this.parts;
    checkBatch(graph, batchSize, batch);
    checkLabels(graph, loss, batch, classWeights);
    checkGroups(graph, learning, options.groups);
    await this.inOrder(async () => {
      this.parts.compute.throwProblem();
      await this.input.prepare(batch);
      const update = await this.updateFor(options.rule.kind);
      await this.encodeStep(batch, options, update);
    });
    await this.guarded(this.pacing.waitForRoom());
    this.parts.compute.throwProblem();
  }

  takeMetrics(): readonly StepMetrics[] {
    return this.metrics.take();
  }

  finishSteps(): Promise<readonly StepMetrics[]> {
    return this.inOrder(async () => {
      const metrics = await this.guarded(this.metrics.finish(this.parts.nowMs()));
      this.parts.compute.throwProblem();
      return metrics;
    });
  }

  async infer(batch: InputBatch): Promise<Float32Array> {
    checkBatch(this.graph, this.parts.batchSize, batch);
    // Encoded in order; what comes back is waited for by each call alone, so that several are under way at once.
    const output = await this.inOrder(async () => {
      this.parts.compute.throwProblem();
      await this.input.prepare(batch);
      return await this.encodeInference(batch);
    });
    const values = await this.guarded(output.arriving);
    this.parts.compute.throwProblem();
    return values;
  }

  resetOptimizer(): void {
    const { device } = this.parts.compute;
    const encoder = device.createCommandEncoder();
    for (const { velocities, squares } of this.parts.layout.segments) {
      for (const buffer of [velocities, squares]) {
        if (this.parts.memory.has(buffer)) encoder.clearBuffer(this.parts.memory.bufferOf(buffer));
      }
    }
    device.queue.submit([encoder.finish()]);
    this.writeControl(CONTROL_COUNT_WORD, 0);
  }

  dispose(): void {
    this.metrics.dispose();
    this.input.dispose();
    this.readback.dispose();
    this.parts.memory.dispose();
    this.parts.onDispose();
  }

  /** Dispatches of one SGD step and of one inference. */
  get dispatchCounts(): { readonly training: number; readonly inference: number } {
    const { training, inference } = this.parts.plans;
    const updates = training?.plan.update('sgd').length ?? 0;
    return {
      training: training ? training.dispatches.length + updates : 0,
      inference: inference.dispatches.length,
    };
  }

  /**
   * Time of one SGD step or one inference by kernel family, on whatever batch was last taken in. A step's numbers must have
   * been written by a step before; parameters change once more. For benches.
   */
  profile(kind: 'training' | 'inference'): Promise<readonly FamilyTime[]> {
    return this.inOrder(async () => {
      const { compute, plans } = this.parts;
      const update = kind === 'training' ? await this.updateFor('sgd') : [];
      const dispatches = plans[kind]?.dispatches ?? [];
      return await this.guarded(profileDispatches(compute, [...dispatches, ...update]));
    });
  }

  private async encodeStep(batch: LabelledBatch, options: TrainStepOptions, update: Prepared): Promise<void> {
    const { compute, memory, buffers, plans, nowMs, classWeights, batchSize } = this.parts;
    const { training } = plans;
    if (!training) throw new RangeError('This network was made for inference: nothing in it learns.');
    const { queue } = compute.device;
    const encoder = compute.device.createCommandEncoder();
    const takeIn = await this.input.encode(
      batch,
      { input: training.plan.input, numbers: training.dispatches[0] as PreparedDispatch },
      encoder,
    );
    this.numberGroups(options.groups);
    const labels = classWeights ? encodeWeightedLabels(batch.labels, classWeights, batchSize) : batch.labels;
    queue.writeBuffer(memory.bufferOf(buffers.labels), 0, labels as Int32Array<ArrayBuffer>);
    queue.writeBuffer(
      memory.bufferOf(buffers.step),
      0,
      encodeStep({ ...options, itemCount: batch.count, metricsSlot: this.metrics.slot }),
    );
    if (this.isTrainingStale) encodeDispatches(encoder, training.preparation);
    this.isTrainingStale = false;
    this.isInferenceStale = true;
    const runs = splitByWork([takeIn, ...training.dispatches.slice(1), ...update], this.pacing.submitCount);
    const readMetrics = this.submitRuns(encoder, runs, (last) => this.metrics.endStep(last, nowMs()));
    readMetrics?.();
    this.pacing.noteStep();
  }

  /** Submits each run on its own; `finish` adds the last commands. */
  private submitRuns<Result>(
    first: GPUCommandEncoder,
    runs: readonly Prepared[],
    finish: (last: GPUCommandEncoder) => Result,
  ): Result {
    const { device } = this.parts.compute;
    let encoder = first;
    runs.forEach((run, index) => {
      encodeDispatches(encoder, run);
      if (index === runs.length - 1) return;
      device.queue.submit([encoder.finish()]);
      encoder = device.createCommandEncoder();
    });
    const result = finish(encoder);
    device.queue.submit([encoder.finish()]);
    return result;
  }

  /** The promise of the output comes in an object, so that whoever awaits the encoding does not wait for the device. */
  private async encodeInference(batch: InputBatch): Promise<{ readonly arriving: Promise<Float32Array> }> {
    const { compute, memory, buffers, plans } = this.parts;
    const { inference } = plans;
    const encoder = compute.device.createCommandEncoder();
    const takeIn = await this.input.encode(
      batch,
      { input: inference.plan.input, numbers: inference.dispatches[0] as PreparedDispatch },
      encoder,
    );
    // Only the number of items matters: nothing is dropped, no rate is asked for.
    compute.device.queue.writeBuffer(memory.bufferOf(buffers.step), 0, Uint32Array.of(batch.count));
    if (this.isInferenceStale) encodeDispatches(encoder, inference.preparation);
    this.isInferenceStale = false;
    encodeDispatches(encoder, [takeIn, ...inference.dispatches.slice(1)]);
    const { output } = inference.plan;
    const rows = batch.count * output.height * output.width;
    return {
      arriving: this.readback.submitAndRead(encoder, memory.bufferOf(output.buffer), {
        rows,
        columns: output.channels,
      }),
    };
  }

  private async updateFor(kind: UpdateRule['kind']): Promise<Prepared> {
    const known = this.updates.get(kind);
    if (known) return known;
    const { compute, memory, plans } = this.parts;
    if (!plans.training) return [];
    if (kind === 'adamW') this.addSquares();
    const prepared = await prepareDispatches(compute, memory, plans.training.plan.update(kind));
    this.updates.set(kind, prepared);
    return prepared;
  }

  private addSquares(): void {
    const { memory, layout } = this.parts;
    for (const { squares, learningBlocks } of layout.segments) if (learningBlocks > 0) memory.add(squares);
  }

  /** Tells the device which block of the arenas belongs to which group, when the groups are others than last time. */
  private numberGroups(groups: readonly ParameterGroup[]): void {
    const isKnown =
      groups.length === this.knownGroups.length &&
      groups.every(({ names }, index) => names === this.knownGroups[index]);
    if (isKnown) return;
    this.transfer.writeBlockGroups(groups);
    this.knownGroups = groups.map(({ names }) => names);
  }

  private writeInitialNumbers(): void {
    const { compute, memory, buffers, layout } = this.parts;
    if (layout.momenta.length > 0 && memory.has(buffers.momenta)) {
      compute.device.queue.writeBuffer(
        memory.bufferOf(buffers.momenta),
        0,
        layout.momenta as Float32Array<ArrayBuffer>,
      );
    }
    const ones = this.graph.parameters.flatMap(({ name, kind, shape }) =>
      kind === 'runningVariance' ? [[name, new Float32Array(shape[0] as number).fill(1)] as const] : [],
    );
    this.transfer.write(new Map(ones));
  }

  private writeControl(word: number, value: number): void {
    const { compute, memory, buffers } = this.parts;
    if (memory.has(buffers.control)) {
      compute.device.queue.writeBuffer(memory.bufferOf(buffers.control), 4 * word, Uint32Array.of(value));
    }
  }

  private inOrder<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.lastCall.then(work);
    this.lastCall = result.catch(() => {});
    return result;
  }

  /** A device that is gone breaks what is waited for; its own problem says more than the broken wait does. */
  private async guarded<Result>(waiting: Promise<Result>): Promise<Result> {
    try {
      return await waiting;
    } catch (thrown) {
      await this.parts.compute.settle();
      this.parts.compute.throwProblem();
      throw thrown;
    }
  }
}

function flopsOf(dispatches: Prepared): number {
  return dispatches.reduce((sum, { kernel }) => sum + kernel.work.flops, 0);
}
