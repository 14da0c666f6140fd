// The gradients that are under way during the backward pass: one for each node's value, filled by its readers in turn. A sum
// node hands its gradient to both sides without copying, so buffers may be held by several nodes.

import type { NodeIndex } from '../../../graph/graph.ts';
import { gradientPass } from '../kernels/elementwise.ts';
import type { ViewCode } from '../kernels/view.ts';
import { type GraphFacts, soleReader } from './graphFacts.ts';
import type { PlanBuffer, PlanBuilder, Slice } from './plan.ts';
import { wholeOf } from './plan.ts';
import { channelVectors, type Partials, rowsPerItem, type Tensor, type Value, viewCode } from './values.ts';

export interface GradientState {
  readonly tensor: Tensor;
  /** The mask of the value's activation has been applied already. */
  readonly isMasked: boolean;
  /** Sums for the batch norm behind the value, left by the kernel that finished the gradient. */
  readonly sums: Partials | null;
}

/** Where a kernel puts its share of a node's gradient, and what it may do on the way. */
export interface GradientTarget {
  readonly result: Tensor;
  /** The result holds other readers' shares already. */
  readonly hasAddend: boolean;
  readonly mask: ViewCode | null;
  /** The slices that mask and sums read. */
  readonly slices: Readonly<Record<string, Slice>>;
  /** The kernel may leave sums for a batch norm of this node: call `leaveSums` with the number of tiles to get room. */
  readonly canSum: boolean;
  readonly leaveSums: (tileCount: number) => Slice;
}

/** What the kernel that makes the share is able to do. */
export type GradientAbility = 'store' | 'mask' | 'maskAndSum';

export class Gradients {
  private readonly facts: GraphFacts;
  private readonly builder: PlanBuilder;
  private readonly readValue: (index: NodeIndex) => Value;
  private readonly states = new Map<NodeIndex, GradientState>();
  private readonly received = new Map<NodeIndex, number>();
  private readonly holders = new Map<PlanBuffer, number>();

  constructor(facts: GraphFacts, builder: PlanBuilder, readValue: (index: NodeIndex) => Value) {
    this.facts = facts;
    this.builder = builder;
    this.readValue = readValue;
  }

  /** The finished gradient of a node; undefined when no reader gave any. */
  take(index: NodeIndex): GradientState | undefined {
    return this.states.get(index);
  }

  /** Call when a node has passed its gradient on. */
  release(index: NodeIndex): void {
    const state = this.states.get(index);
    if (state) this.hold(state.tensor.buffer, -1);
    this.states.delete(index);
  }

  /** Whether only this node's gradient lies in the buffer, so that it may be overwritten. */
  isOwned({ tensor }: GradientState): boolean {
    return this.holders.get(tensor.buffer) === 1;
  }

  /** The whole gradient of a node is in `tensor`: no copy is made when it is the first share. */
  transfer(index: NodeIndex, tensor: Tensor, sums: Partials | null = null): void {
    this.received.set(index, (this.received.get(index) ?? 0) + 1);
    const state = this.states.get(index);
    if (!state) {
      this.hold(tensor.buffer, 1);
      this.states.set(index, { tensor, isMasked: false, sums });
      return;
    }
    const result = this.isOwned(state) ? state.tensor : this.makeLike(tensor, `gradient ${index}`);
    this.pass(state.tensor, result, { addend: tensor });
    this.replace(index, { tensor: result, isMasked: false, sums: null });
  }

  /** Room for a share of a node's gradient that a kernel will write right after this call. */
  target(index: NodeIndex, ability: GradientAbility): GradientTarget {
    const count = (this.received.get(index) ?? 0) + 1;
    this.received.set(index, count);
    const isLast = count === this.countShares(index);
    const value = this.readValue(index);
    const state = this.states.get(index);
    let result: Tensor;
    if (!state) result = this.makeLike(this.shapeOf(index), `gradient ${index}`);
    else if (this.isOwned(state)) result = state.tensor;
    else {
      result = this.makeLike(state.tensor, `gradient ${index}`);
      this.pass(state.tensor, result, {});
    }
    const isActivation = this.facts.graph.nodes[index]?.op === 'activation';
    const hasMask = isLast && ability !== 'store' && isActivation && value.activation !== null;
    const norm = value.norm;
    const isNormsEnd = isActivation ? this.isNormsOnlyReader(index) : true;
    const canSum = isLast && ability === 'maskAndSum' && norm?.isLearning === true && isNormsEnd;
    const mask = hasMask ? viewCode(value) : canSum ? { hasNorm: true, activation: null } : null;
    let sums: Partials | null = null;
    this.replace(index, { tensor: result, isMasked: hasMask, sums: null });
    return {
      result,
      hasAddend: state !== undefined,
      mask,
      slices: {
        ...(mask ? { base: wholeOf(value.tensor.buffer) } : {}),
        ...(mask?.hasNorm && norm ? { baseNorm: norm.coefficients } : {}),
      },
      canSum,
      leaveSums: (tileCount) => {
        const buffer = this.builder.scratch(`gradient sums ${index}`, 32 * tileCount * channelVectors(value.tensor));
        sums = { slice: wholeOf(buffer), tileCount };
        this.states.set(index, { tensor: result, isMasked: hasMask, sums });
        return sums.slice;
      },
    };
  }

  /** One elementwise pass from `from` to `to` (possibly the same). */
  pass(
    from: Tensor,
    to: Tensor,
    options: {
      readonly addend?: Tensor;
      readonly mask?: Value;
      readonly scale?: Slice;
      readonly dropout?: { rate: number; stream: number; step: Slice };
    },
  ): void {
    const { addend, mask, scale, dropout } = options;
    const hasResult = from.buffer !== to.buffer;
    const maskView = mask ? viewCode(mask) : null;
    const coefficients = scale ?? mask?.norm?.coefficients;
    const kernel = gradientPass({
      size: { rows: this.facts.batch * rowsPerItem(from), channels: from.channels },
      hasResult,
      hasAddend: addend !== undefined,
      dropout: dropout ? { rate: dropout.rate, stream: dropout.stream } : null,
      mask: maskView,
      isScaled: scale !== undefined,
    });
    this.builder.run(kernel, {
      gradient: wholeOf(from.buffer),
      ...(hasResult ? { result: wholeOf(to.buffer) } : {}),
      ...(addend ? { addend: wholeOf(addend.buffer) } : {}),
      ...(mask ? { base: wholeOf(mask.tensor.buffer) } : {}),
      ...(coefficients && (scale || maskView?.hasNorm) ? { baseNorm: coefficients } : {}),
      ...(dropout ? { step: dropout.step } : {}),
    });
  }

  makeLike(tensor: Tensor, label: string): Tensor {
    const { height, width, channels } = tensor;
    const sizeBytes = 16 * this.facts.batch * height * width * Math.ceil(channels / 4);
    return { height, width, channels, buffer: this.builder.scratch(label, sizeBytes) };
  }

  /** The sums belong to a batch norm when its one reader is this activation. */
  private isNormsOnlyReader(index: NodeIndex): boolean {
    const norm = this.readValue(index).norm;
    return norm !== null && soleReader(this.facts, norm.node) === index;
  }

  /** Readers that give a share: those that need a gradient themselves. */
  private countShares(index: NodeIndex): number {
    return (this.facts.readers[index] ?? []).filter((reader) => this.facts.needsGradient[reader]).length;
  }

  private shapeOf(index: NodeIndex): Tensor {
    return this.readValue(index).tensor;
  }

  private replace(index: NodeIndex, state: GradientState): void {
    const before = this.states.get(index);
    if (before?.tensor.buffer !== state.tensor.buffer) {
      if (before) this.hold(before.tensor.buffer, -1);
      this.hold(state.tensor.buffer, 1);
    }
    this.states.set(index, state);
  }

  private hold(buffer: PlanBuffer, change: number): void {
    this.holders.set(buffer, (this.holders.get(buffer) ?? 0) + change);
  }
}
