// The reference executor: any tfjs backend, tfjs's own gradients. Slow, short, and the test of the fast one.

import * as tf from '../../tf.ts';
import type { Executor } from '../executor.ts';
import { ReferenceNetwork } from './referenceNetwork.ts';
import { ReferencePictureStore } from './referencePictureStore.ts';

/** Runs on whichever tfjs backend is set when a network is created. */
export function createReferenceExecutor(): Executor {
  const memory = createPeakMemory();
  return {
    create: async (graph, options) => new ReferenceNetwork(graph, options, memory.sample),
    createPictureStore: (options) => new ReferencePictureStore(options),
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
