// Filter and bias gradients that were computed in parts wait here, so that one dispatch adds up those of several layers.

import { encodeSumBlocks, SUM_BLOCK, type SumBlock, sumPartials } from '../kernels/weights.ts';
import type { PlanBuilder, Slice } from './plan.ts';
import { alignSize, wholeOf } from './plan.ts';

/** Parts of several layers share a workspace up to this size; larger ones cost memory, smaller ones dispatches. */
const WORKSPACE_BYTES = 64 * 2 ** 20;

interface GrowingBuffer {
  readonly kind: 'scratch';
  readonly label: string;
  sizeBytes: number;
}

interface WaitingSum {
  readonly sourceBytes: number;
  readonly destination: Slice;
  readonly splits: number;
}

export class FilterSums {
  private readonly builder: PlanBuilder;
  private workspace: GrowingBuffer | null = null;
  private waiting: WaitingSum[] = [];

  constructor(builder: PlanBuilder) {
    this.builder = builder;
  }

  /** Room for `splits` parts of the size of `destination`; their sum will be in `destination` after flush. */
  reserve(destination: Slice, splits: number): Slice {
    const sizeBytes = splits * destination.sizeBytes;
    const isOtherArena = this.waiting[0] !== undefined && this.waiting[0].destination.buffer !== destination.buffer;
    const isFull = this.workspace !== null && this.workspace.sizeBytes + sizeBytes > WORKSPACE_BYTES;
    if (isOtherArena || isFull) this.flush();
    this.workspace ??= { kind: 'scratch', label: 'filter gradient parts', sizeBytes: 0 };
    const offsetBytes = this.workspace.sizeBytes;
    this.workspace.sizeBytes = alignSize(offsetBytes + sizeBytes);
    this.waiting.push({ sourceBytes: offsetBytes, destination, splits });
    return { buffer: this.workspace, offsetBytes, sizeBytes };
  }

  /** Adds up all that waits. Call at the end of the backward pass. */
  flush(): void {
    const [first] = this.waiting;
    if (!first || !this.workspace) return;
    const blocks = this.waiting.flatMap(toBlocks);
    this.builder.run(sumPartials(blocks), {
      source: wholeOf(this.workspace),
      destination: wholeOf(first.destination.buffer),
      blocks: wholeOf(this.builder.table('filter sums', encodeSumBlocks(blocks))),
    });
    this.workspace = null;
    this.waiting = [];
  }
}

function toBlocks({ sourceBytes, destination, splits }: WaitingSum): SumBlock[] {
  const stride = destination.sizeBytes / 16;
  const blocks: SumBlock[] = [];
  for (let start = 0; start < stride; start += SUM_BLOCK) {
    blocks.push({
      sourceAt: sourceBytes / 16 + start,
      destinationAt: destination.offsetBytes / 16 + start,
      stride,
      count: Math.min(SUM_BLOCK, stride - start),
      splits,
    });
  }
  return blocks;
}
