// A graph as two plans: one step of training (forward, loss, backward, update) and one batch of inference. Both work on the
// same parameters.

import { type Graph, type NodeIndex, sizeOf } from '../../../graph/graph.ts';
import type { UpdateRule } from '../../../optimizers/optimizer.ts';
import type { LossKind } from '../../executor.ts';
import { STEP_BYTES } from '../kernels/kernel.ts';
import { sigmoidCrossEntropy, softmaxCrossEntropy } from '../kernels/loss.ts';
import {
  CONTROL_WORDS,
  decideStep,
  gradientSquares,
  NORM_PARTIALS,
  updateParameters,
  updateRunningStatistics,
} from '../kernels/optimizer.ts';
import { encodeTransposeBlocks, type TransposeBlock, transposeBlocks, transposeWeights } from '../kernels/weights.ts';
import { lowerBackward } from './backward.ts';
import { type ForwardPass, lowerForward } from './forward.ts';
import { convolutionKind, type GraphFacts, studyGraph } from './graphFacts.ts';
import type { LoweringContext } from './loweringContext.ts';
import { layOutCoefficients } from './norms.ts';
import { type ParameterLayout, placeOf } from './parameterLayout.ts';
import { bindByName, type Dispatch, type PlanBuffer, PlanBuilder, type Slice, wholeOf } from './plan.ts';
import type { ChooseTile } from './tiles.ts';
import type { Tensor } from './values.ts';

/** Steps whose metrics may wait on the device. */
export const METRICS_SLOTS = 64;

/** Buffers of a network that are no parameters; small but for the input. */
export interface NetworkBuffers {
  readonly step: PlanBuffer;
  readonly inputNumbers: PlanBuffer;
  /** Of the loss; followed by each item's share of it where items are weighted. */
  readonly labels: PlanBuffer;
  readonly metrics: PlanBuffer;
  readonly control: PlanBuffer;
  readonly normPartials: PlanBuffer;
  readonly momenta: PlanBuffer;
  readonly trainingCoefficients: PlanBuffer;
  readonly inferenceCoefficients: PlanBuffer;
}

export interface LowerOptions {
  readonly graph: Graph;
  readonly batch: number;
  readonly learning: ReadonlySet<string>;
  readonly keepsStatistics: boolean;
  readonly loss: LossKind;
  /** Items count in the loss by their classes' weights. */
  readonly isWeighted: boolean;
  readonly layout: ParameterLayout;
  readonly buffers: NetworkBuffers;
  readonly chooseTile: ChooseTile;
}

export interface InferencePlan {
  /** To be run before the others when parameters changed. */
  readonly preparation: readonly Dispatch[];
  /** The first one takes the batch in. */
  readonly dispatches: readonly Dispatch[];
  readonly input: Tensor;
  readonly output: Tensor;
}

export interface TrainingPlan {
  readonly preparation: readonly Dispatch[];
  /** Forward, loss and backward; the first one takes the batch in. */
  readonly dispatches: readonly Dispatch[];
  readonly input: Tensor;
  /** The update, by kind of rule. */
  readonly update: (rule: UpdateRule['kind']) => readonly Dispatch[];
}

export function planNetworkBuffers({
  graph,
  batch,
  loss,
  isWeighted,
  layout,
}: Pick<LowerOptions, 'graph' | 'batch' | 'loss' | 'isWeighted' | 'layout'>): NetworkBuffers {
  const make = (label: string, sizeBytes: number): PlanBuffer => ({
    kind: 'persistent',
    label,
    sizeBytes: Math.max(Math.ceil(sizeBytes / 16) * 16, 256),
  });
  const wordsPerItem = loss === 'crossEntropy' ? (isWeighted ? 2 : 1) : sizeOf(graph.outputShape);
  const coefficientBytes = layOutCoefficients(studyGraph(graph, batch, new Set())).sizeBytes;
  return {
    step: make('step', STEP_BYTES),
    inputNumbers: make('input numbers', 4 * batch * sizeOf(graph.inputShape)),
    labels: make('labels', 4 * batch * wordsPerItem),
    metrics: make('metrics', 8 * METRICS_SLOTS),
    control: make('control', 4 * CONTROL_WORDS),
    normPartials: make('gradient norm parts', 4 * NORM_PARTIALS * layout.segments.length),
    momenta: make('momenta', layout.momenta.byteLength),
    trainingCoefficients: make('coefficients for training', coefficientBytes),
    inferenceCoefficients: make('coefficients for inference', coefficientBytes),
  };
}

export function lowerInference(options: LowerOptions): InferencePlan {
  const facts = studyGraph(options.graph, options.batch, new Set());
  const context = makeContext(options, facts, options.buffers.inferenceCoefficients, false);
  const { preparation, input, output } = lowerForward(context);
  return { preparation, dispatches: context.builder.dispatches, input, output };
}

export function lowerTraining(options: LowerOptions): TrainingPlan {
  const facts = studyGraph(options.graph, options.batch, options.learning, options.keepsStatistics);
  const context = makeContext(options, facts, options.buffers.trainingCoefficients, true);
  const forward = lowerForward(context);
  const outputGradient = lowerLoss(options, context, forward);
  const transposed = lowerTransposedWeights(context);
  lowerBackward({ context, forward, outputGradient, transposedOf: (name) => transposed.get(name) as Slice });
  return {
    preparation: forward.preparation,
    dispatches: context.builder.dispatches,
    input: forward.input,
    update: (rule) => lowerUpdate(rule, options),
  };
}

function makeContext(
  { layout, buffers, chooseTile }: LowerOptions,
  facts: GraphFacts,
  coefficients: PlanBuffer,
  isTraining: boolean,
): LoweringContext {
  const { step, inputNumbers } = buffers;
  return { facts, layout, builder: new PlanBuilder(), chooseTile, step, inputNumbers, coefficients, isTraining };
}

function lowerLoss(options: LowerOptions, { builder }: LoweringContext, forward: ForwardPass): Tensor {
  const { batch, loss, isWeighted, buffers } = options;
  const logits = forward.output;
  const gradient: Tensor = { ...logits, buffer: builder.scratch('gradient of the logits', logits.buffer.sizeBytes) };
  const shape = { batch, classCount: logits.channels };
  builder.run(loss === 'crossEntropy' ? softmaxCrossEntropy({ ...shape, isWeighted }) : sigmoidCrossEntropy(shape), {
    logits: wholeOf(logits.buffer),
    labels: wholeOf(buffers.labels),
    gradient: wholeOf(gradient.buffer),
    metrics: wholeOf(buffers.metrics),
    step: wholeOf(buffers.step),
  });
  return gradient;
}

/** Weights of dense layers whose input needs a gradient, transposed once a step: one dispatch for each arena segment. */
function lowerTransposedWeights({ facts, layout, builder }: LoweringContext): ReadonlyMap<string, Slice> {
  const slices = new Map<string, Slice>();
  layout.segments.forEach((segment, number) => {
    const places = namesToTranspose(facts)
      .map((name) => placeOf(layout, name))
      .filter((place) => place.segment === number);
    if (places.length === 0) return;
    const sizeBytes = places.reduce((sum, { paddedShape }) => sum + 4 * alignedCount(paddedShape), 0);
    const buffer = builder.scratch(`transposed weights ${number}`, sizeBytes);
    const blocks: TransposeBlock[] = [];
    let offset = 0;
    for (const { spec, paddedShape, offset: sourceAt } of places) {
      const [rows, columns] = paddedShape.slice(-2) as [number, number];
      blocks.push(...transposeBlocks(sourceAt, offset, sizeOf(paddedShape) / (rows * columns), rows, columns));
      slices.set(spec.name, { buffer, offsetBytes: 4 * offset, sizeBytes: 4 * sizeOf(paddedShape) });
      offset += alignedCount(paddedShape);
    }
    builder.run(transposeWeights(blocks), {
      source: wholeOf(segment.parameters),
      destination: wholeOf(buffer),
      blocks: wholeOf(builder.table('transposition', encodeTransposeBlocks(blocks))),
    });
  });
  return slices;
}

function alignedCount(shape: readonly number[]): number {
  return Math.ceil(sizeOf(shape) / 64) * 64;
}

function namesToTranspose(facts: GraphFacts): string[] {
  const needs = (index: NodeIndex) => facts.needsGradient[index] === true;
  return facts.graph.nodes.flatMap((node) => {
    if (node.op === 'linear') return needs(node.input) ? [`${node.name}.weight`] : [];
    const isDense = node.op === 'conv2d' && convolutionKind(facts, node) === 'dense';
    return isDense && needs(node.input) ? [`${node.name}.weight`] : [];
  });
}

function lowerUpdate(rule: UpdateRule['kind'], { layout, buffers }: LowerOptions): Dispatch[] {
  const { step, control, metrics, normPartials } = buffers;
  const learning = layout.segments.filter(({ learningBlocks }) => learningBlocks > 0);
  const partialBytes = 4 * NORM_PARTIALS;
  const squares = learning.map(({ gradients, learningBlocks }, index) =>
    bindByName(gradientSquares(learningBlocks), {
      gradients: wholeOf(gradients),
      partials: { buffer: normPartials, offsetBytes: index * partialBytes, sizeBytes: partialBytes },
    }),
  );
  const decision = bindByName(decideStep(NORM_PARTIALS * learning.length), {
    partials: wholeOf(normPartials),
    metrics: wholeOf(metrics),
    control: wholeOf(control),
    step: wholeOf(step),
  });
  const updates = learning.map((segment) =>
    bindByName(updateParameters(rule, segment.learningBlocks), {
      parameters: wholeOf(segment.parameters),
      gradients: wholeOf(segment.gradients),
      velocities: wholeOf(segment.velocities),
      ...(rule === 'adamW' ? { squares: wholeOf(segment.squares) } : {}),
      blockGroups: wholeOf(segment.blockGroups),
      control: wholeOf(control),
      step: wholeOf(step),
    }),
  );
  const isMoving = layout.momenta.some((momentum) => momentum !== 0);
  const statistics = isMoving
    ? [
        bindByName(updateRunningStatistics(layout.momenta.length), {
          running: wholeOf(layout.running),
          batchStatistics: wholeOf(layout.batchStatistics),
          momenta: wholeOf(buffers.momenta),
          control: wholeOf(control),
        }),
      ]
    : [];
  return [...squares, decision, ...updates, ...statistics];
}
