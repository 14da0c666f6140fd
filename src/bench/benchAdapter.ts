// The adapter that a bench runs on, and whether it is a graphics card at all.

import type { AdapterReport } from './benchReport.ts';

/** Names of adapters that compute by the processor. */
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render/i;
/** Whose only adapter is SwiftShader. */
const SOFTWARE_VENDOR = 'google';

/** Throws RangeError with a sentence where there is none. */
export async function requestBenchAdapter(): Promise<GPUAdapter> {
  if (!navigator.gpu) throw new RangeError('This browser has no WebGPU here; a page needs https or localhost for it.');
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter) return adapter;
  throw new RangeError('WebGPU is there but offers no adapter.');
}

export function describeAdapter({ info, features }: GPUAdapter): AdapterReport {
  const { vendor, architecture, device, description, isFallbackAdapter } = info;
  return {
    vendor,
    architecture,
    device,
    description,
    isSoftware:
      isFallbackAdapter ||
      vendor === SOFTWARE_VENDOR ||
      SOFTWARE.test(`${vendor} ${architecture} ${device} ${description}`),
    features: [...features].sort(),
  };
}
