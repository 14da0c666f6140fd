// From an adapter to an executor that may be trusted: device, self-test, tile tuning. Says in a sentence why not.

import type { Executor } from '../executor.ts';
import { adapterKey, ComputeDevice, requestComputeDevice } from './device.ts';
import { type DeviceNotes, openDeviceNotes } from './deviceNotes.ts';
import { chooseFixedTile, chooseSoftwareTile } from './plan/tiles.ts';
import { findDisagreement, SELF_TEST_VERSION } from './selfTest.ts';
import { createTileTuner } from './tileTuner.ts';
import { createWebGpuExecutor, type WebGpuExecutor } from './webgpuExecutor.ts';

export interface OpenWebGpuOptions {
  readonly nowMs: () => number;
  readonly userAgent: string;
  /** Computes by the processor: nothing is measured there, since small tiles are always best. */
  readonly isSoftware: boolean;
  /** The executor that the self-test compares with. Asked for only when the test has to run. */
  readonly loadReference: () => Promise<Executor>;
}

export type OpenedWebGpu =
  | { readonly isReady: true; readonly compute: ComputeDevice; readonly executor: WebGpuExecutor }
  | { readonly isReady: false; readonly sentence: string };

export async function openWebGpu(adapter: GPUAdapter, options: OpenWebGpuOptions): Promise<OpenedWebGpu> {
  const device = await requestComputeDevice(adapter).catch(() => null);
  if (!device) return { isReady: false, sentence: 'The graphics card is there but gives no device.' };
  const { nowMs, userAgent, isSoftware } = options;
  const compute = new ComputeDevice(device, adapterKey(adapter, userAgent));
  const notes = openDeviceNotes();
  const hasPassed = (await notes.readPassedTest(compute.key)) === SELF_TEST_VERSION;
  const refusal = hasPassed ? null : await testDevice(compute, options);
  if (refusal) {
    compute.close();
    return { isReady: false, sentence: refusal };
  }
  if (!hasPassed) await notes.writePassedTest(compute.key, SELF_TEST_VERSION);
  return { isReady: true, compute, executor: createTunedExecutor(compute, notes, { nowMs, isSoftware }) };
}

/** Tiles are measured on a card; where a processor plays one, they are chosen for processors. */
export function createTunedExecutor(
  compute: ComputeDevice,
  notes: DeviceNotes,
  { nowMs, isSoftware }: Pick<OpenWebGpuOptions, 'nowMs' | 'isSoftware'>,
): WebGpuExecutor {
  const tuneTiles = isSoftware ? async () => chooseSoftwareTile : createTileTuner({ compute, notes, nowMs });
  return createWebGpuExecutor(compute, { nowMs, tuneTiles });
}

/** Null when the card computes what the reference does; otherwise a sentence. */
async function testDevice(
  compute: ComputeDevice,
  { nowMs, isSoftware, loadReference }: OpenWebGpuOptions,
): Promise<string | null> {
  try {
    // Nothing is measured for a test.
    const tuneTiles = async () => (isSoftware ? chooseSoftwareTile : chooseFixedTile);
    const executor = createWebGpuExecutor(compute, { nowMs, tuneTiles });
    const disagreement = await findDisagreement(executor, await loadReference());
    if (compute.problem)
      return `The graphics card failed its test (${compute.problem.message || compute.problem.kind}).`;
    return disagreement && `The graphics card failed its test: ${disagreement}. Its driver computes wrongly.`;
  } catch (thrown) {
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return `The graphics card failed its test (${compute.problem?.message || message}).`;
  }
}
