// The values of a plan: stored tensors, and views of them through a batch norm and an activation that are computed on read.

import type { ActivationKind, NodeIndex } from '../../../graph/graph.ts';
import type { NormShape, TileRows } from '../kernels/batchNorm.ts';
import type { ViewCode } from '../kernels/view.ts';
import type { PlanBuffer, Slice } from './plan.ts';

/** [batch, height, width, channel] with channels filled up to a multiple of four; features have height and width 1. */
export interface Tensor {
  readonly buffer: PlanBuffer;
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

export interface NormInUse {
  readonly node: NodeIndex;
  /** See COEFFICIENT_ROWS. */
  readonly coefficients: Slice;
  /** Normalises by the batch; otherwise by its running statistics. */
  readonly isTraining: boolean;
  /** Its scale or shift learns. */
  readonly isLearning: boolean;
}

/** What a node computes: `tensor`, seen through `norm` and then `activation`. */
export interface Value {
  readonly tensor: Tensor;
  readonly norm: NormInUse | null;
  readonly activation: ActivationKind | null;
}

/** Partial sums that a kernel left along the way. */
export interface Partials {
  readonly slice: Slice;
  readonly tileCount: number;
}

export interface MomentPartials extends Partials {
  readonly tiles: TileRows;
}

export function stored(tensor: Tensor): Value {
  return { tensor, norm: null, activation: null };
}

export function isStored({ norm, activation }: Value): boolean {
  return norm === null && activation === null;
}

export function viewCode({ norm, activation }: Value): ViewCode {
  return { hasNorm: norm !== null, activation };
}

export function channelVectors({ channels }: { channels: number }): number {
  return Math.ceil(channels / 4);
}

export function rowsPerItem({ height, width }: { height: number; width: number }): number {
  return height * width;
}

/** The slices of a view for a kernel's binding of this name. */
export function viewSlices(value: Value, normBinding: string): Record<string, Slice> {
  return value.norm ? { [normBinding]: value.norm.coefficients } : {};
}

/** A tensor as rows for batch norm and sums over rows. */
export function normShapeOf({ batch }: { batch: number }, tensor: Tensor): NormShape {
  return { batch, rowsPerItem: rowsPerItem(tensor), channelVectors: channelVectors(tensor) };
}
