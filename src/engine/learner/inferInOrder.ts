// Batches through a network in inference mode, results handled in order. Two are under way at once, so that the device
// computes the next one while the results of the last one are being read.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { InputBatch, Network } from '../executors/executor.ts';
import { yieldToEvents } from '../platform/yieldToEvents.ts';

const NEVER_STOPPED: CancelSignal = { aborted: false };

/**
 * Calls `onOutput` for every batch, in order, as its output arrives; a batch of no items has an empty output.
 * @returns false when it was stopped before the last batch. Then, and after an error, nothing is under way any more.
 */
export async function inferInOrder<Batch extends InputBatch>(
  network: Network,
  batches: Iterable<Batch> | AsyncIterable<Batch>,
  onOutput: (batch: Batch, output: Float32Array) => void,
  signal: CancelSignal = NEVER_STOPPED,
): Promise<boolean> {
  let handled: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batches) {
      const before = handled;
      const output = batch.count > 0 ? network.infer(batch) : Promise.resolve(new Float32Array(0));
      handled = handleAfter(before, output, (values) => onOutput(batch, values));
      handled.catch(() => {}); // Whoever waits for it next is told; until then nobody is listening.
      await before;
      await yieldToEvents();
      if (signal.aborted) return false;
    }
    await handled;
    return true;
  } finally {
    await handled.catch(() => {}); // Thrown above already, or by then of no interest.
  }
}

/** Both are waited for before anything is thrown, so that a failure of one does not leave the other under way. */
async function handleAfter(
  before: Promise<void>,
  output: Promise<Float32Array>,
  handle: (output: Float32Array) => void,
): Promise<void> {
  const [previous, current] = await Promise.allSettled([before, output]);
  if (previous.status === 'rejected') throw previous.reason;
  if (current.status === 'rejected') throw current.reason;
  handle(current.value);
}
