// The adapter that a bench runs on, and whether it is a graphics card at all.

import { isSoftwareAdapter } from '../engine/platform/softwareAdapter.ts';
import type { AdapterReport } from './benchReport.ts';

/** Throws RangeError with a sentence where there is none. */
export async function requestBenchAdapter(): Promise<GPUAdapter> {
  if (!navigator.gpu) throw new RangeError('This browser has no WebGPU here; a page needs https or localhost for it.');
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new RangeError('WebGPU is there but offers no adapter.');
}

export function describeAdapter({ info, features }: GPUAdapter): AdapterReport {
  const { vendor, architecture, device, description } = info;
  return {
    vendor,
    architecture,
    device,
    description,
    isSoftware: isSoftwareAdapter(info),
    features: [...features].sort(),
  };
}
