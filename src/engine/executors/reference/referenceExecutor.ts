// The reference executor: any tfjs backend, tfjs's own gradients. Slow, short, and the test of the fast one.

import type { EngineError } from '../../../protocol/errors.ts';
import { formatSize } from '../../formatSize.ts';
import type { Graph } from '../../graph/graph.ts';
import * as tf from '../../tf.ts';
import type { Executor, MemoryEstimate, NetworkOptions } from '../executor.ts';
import { estimateBytes } from './estimateMemory.ts';
import { ReferenceNetwork } from './referenceNetwork.ts';
import { ReferencePictureStore } from './referencePictureStore.ts';

/** Of the page's own memory: what is beyond it is read again for each batch, which beside such a training costs next to nothing. */
const SHELF_BUDGET_BYTES = 128 * 2 ** 20;

/**
 * Runs on whichever tfjs backend is set when a network is created.
 * @param onBroken called with what is told when the backend broke in the middle of its work: nothing that it still computes can be trusted
 */
export function createReferenceExecutor(onBroken: (error: EngineError) => void = () => {}): Executor {
  const memory = createPeakMemory();
  return {
    create: async (graph, options) => new ReferenceNetwork(graph, options, { onPeak: memory.sample, onBroken }),
    estimateMemory,
    createPictureStore: (options) => new ReferencePictureStore(options),
    shelfBudgetBytes: SHELF_BUDGET_BYTES,
    takePeakBytes: memory.takePeakBytes,
  };
}

/** A WebAssembly's memory has 32-bit addresses. */
const LARGEST_WASM_BYTES = 2 ** 32;
/** It grows by a fifth at a time and never shrinks. */
const WASM_GROWTH = 1.2;

function estimateMemory(graph: Graph, options: NetworkOptions): MemoryEstimate {
  const isWasm = tf.getBackend() === 'wasm';
  const tensorBytes = estimateBytes(graph, { ...options, copiesSaved: isWasm });
  const totalBytes = isWasm ? WASM_GROWTH * tensorBytes : tensorBytes;
  return {
    totalBytes,
    place: isWasm ? 'in WebAssembly' : 'of memory',
    isCounted: false,
    obstacle:
      isWasm && totalBytes > LARGEST_WASM_BYTES ? `a WebAssembly has ${formatSize(LARGEST_WASM_BYTES)} at most` : null,
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
