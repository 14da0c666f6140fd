// What the fixtures of whole networks share (fixtures/parity/networkTraining and networkGradients): formula-made values and
// batches, and the few numbers that are kept of a tensor. scripts/parity/seeded_networks.py makes the same ones.

import type { NumberBatch } from '../executors/executor.ts';
import { type Graph, type ParameterSpec, type ParameterValues, sizeOf } from '../graph/graph.ts';
import { fromTorchLayout, torchShape } from '../models/weights/tensorLayout.ts';
import { hash } from '../random.ts';
import { hashedSamples, hashedSign, hashedValues } from './formula.ts';

/**
 * Of one tensor: its L2 norm, its largest absolute value, the sum of its values with hashed signs, and its values at hashed
 * places; all counted in PyTorch's memory order, of a feature map [batch, height, width, channel].
 */
export type TensorRecord = readonly [norm: number, largest: number, projection: number, ...samples: number[]];

/** Numbers of a record in front of its samples. */
export const RECORD_HEADER = 3;

export interface WorstError {
  readonly error: number;
  /** Of the tensor, step or logit that is furthest off. */
  readonly name: string;
}

export interface MadeBatches {
  readonly imageSizePx: number;
  readonly batchSize: number;
  readonly inputScale: number;
}

/**
 * Kernels and linear weights: He-uniform, +- sqrt(6 / fan in). Batch norm: scale 0.25 and shift 0.45, +- 0.025; running mean
 * +- 0.1, running variance 0.1 +- 0.01. Linear bias +- 0.1. The salt is the hash of the name.
 */
export function initialValues(graph: Graph): ParameterValues {
  return new Map(graph.parameters.map((spec) => [spec.name, fromTorchLayout(spec, initialValue(spec))]));
}

function initialValue(spec: ParameterSpec): Float32Array {
  const count = sizeOf(spec.shape);
  const salt = hash(spec.name);
  const fanIn = sizeOf(torchShape(spec).slice(1));
  switch (spec.kind) {
    case 'kernel':
    case 'weight':
      return hashedValues(count, salt, Math.sqrt(6 / fanIn));
    case 'scale':
      return hashedValues(count, salt, 0.025, 0.25);
    case 'shift':
      return hashedValues(count, salt, 0.025, 0.45);
    case 'runningVariance':
      return hashedValues(count, salt, 0.01, 0.1);
    case 'runningMean':
    case 'bias':
      return hashedValues(count, salt, 0.1);
  }
}

export function makeBatch({ batchSize, imageSizePx, inputScale }: MadeBatches, salt: number): NumberBatch {
  return { count: batchSize, inputs: hashedValues(batchSize * imageSizePx ** 2 * 3, salt, inputScale) };
}

/** @param values in the order in which a record counts */
export function recordValues(name: string, values: Float32Array, sampleCount: number): TensorRecord {
  const salt = hash(name);
  let [squares, largest, projection] = [0, 0, 0];
  values.forEach((value, i) => {
    squares += value ** 2;
    largest = Math.max(largest, Math.abs(value));
    projection += hashedSign(salt, i) * value;
  });
  const samples = hashedSamples(values.length, salt, sampleCount).map((place) => values[place] as number);
  return [Math.sqrt(squares), largest, projection, ...samples];
}

/**
 * The worst of: the norm and the projection relative to the norm (independent errors of size e in n places add up to
 * e * sqrt(n) in the projection, which is their own norm), the largest value and the samples relative to the largest value.
 * Norm and largest value are the expected ones unless given.
 */
export function compareRecords(
  found: TensorRecord,
  expected: TensorRecord,
  [norm, largest]: readonly [norm: number, largest: number] = [expected[0], expected[1]],
): number {
  const errors = found.map((value, place) => {
    const isRelativeToNorm = place === 0 || place === 2;
    return orInfinity(Math.abs(value - (expected[place] as number)) / (isRelativeToNorm ? norm : largest));
  });
  return Math.max(...errors);
}

/**
 * Norm and largest value of a parameter's update or gradient. A batch norm's shift counts as at least as large as its scale:
 * in front of a 1x1 convolution with a batch norm behind it a shift has no gradient at all, it moves by its decay alone, and
 * rounding is as large as that. Scale and shift have gradients of one size otherwise.
 */
export function sizeOfChange(
  { name, kind }: Pick<ParameterSpec, 'name' | 'kind'>,
  changes: Readonly<Record<string, TensorRecord>>,
): readonly [norm: number, largest: number] {
  const [norm, largest] = changes[name] as TensorRecord;
  const scale = kind === 'shift' ? changes[name.replace(/bias$/, 'weight')] : undefined;
  return scale ? [Math.max(norm, scale[0]), Math.max(largest, scale[1])] : [norm, largest];
}

export function findWorst(errors: readonly WorstError[]): WorstError {
  return errors.reduce((worst, next) => (orInfinity(next.error) > worst.error ? next : worst), { error: 0, name: '' });
}

/** What is not a number is infinitely wrong. */
export function orInfinity(error: number): number {
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}
