// Which graphics adapters are none: names under which browsers offer the processor as one.

const SOFTWARE_NAME = /swiftshader|llvmpipe|lavapipe|software|basic render/i;
/** Whose only adapter is SwiftShader. */
const SOFTWARE_VENDOR = 'google';

/** @param name what WebGL says of its renderer, or WebGPU of its adapter. */
export function isSoftwareName(name: string): boolean {
  return SOFTWARE_NAME.test(name);
}

/** The part of a GPUAdapterInfo that tells. */
export interface AdapterNames {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  readonly isFallbackAdapter: boolean;
}

export function isSoftwareAdapter({
  vendor,
  architecture,
  device,
  description,
  isFallbackAdapter,
}: AdapterNames): boolean {
  return (
    isFallbackAdapter ||
    vendor === SOFTWARE_VENDOR ||
    isSoftwareName(`${vendor} ${architecture} ${device} ${description}`)
  );
}
