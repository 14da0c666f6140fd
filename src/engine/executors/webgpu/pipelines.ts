// Compiled kernels of one device, by their text: equal kernels are compiled once, all at the same time and never in a step.

import type { Access, Kernel } from './kernels/kernel.ts';

const BUFFER_TYPES: Readonly<Record<Access, GPUBufferBindingType>> = {
  read: 'read-only-storage',
  readWrite: 'storage',
  uniform: 'uniform',
};

export class PipelineCache {
  private readonly device: GPUDevice;
  private readonly pipelines = new Map<string, Promise<GPUComputePipeline>>();
  private readonly bindGroupLayouts = new Map<string, GPUBindGroupLayout>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  /** Rejects with the compiler's message when the text is not valid. */
  async compile(kernel: Kernel): Promise<GPUComputePipeline> {
    const known = this.pipelines.get(kernel.code);
    if (known) return await known;
    const pipeline = this.create(kernel);
    this.pipelines.set(kernel.code, pipeline);
    return await pipeline;
  }

  bindGroupLayout(kernel: Kernel): GPUBindGroupLayout {
    const key = kernel.bindings.map(({ access }) => access).join();
    const known = this.bindGroupLayouts.get(key);
    if (known) return known;
    const layout = this.device.createBindGroupLayout({
      entries: kernel.bindings.map(({ access }, binding) => ({
        binding,
        visibility: GPUShaderStage.COMPUTE,
        buffer: { type: BUFFER_TYPES[access] },
      })),
    });
    this.bindGroupLayouts.set(key, layout);
    return layout;
  }

  private async create(kernel: Kernel): Promise<GPUComputePipeline> {
    return await this.device.createComputePipelineAsync({
      label: kernel.family,
      layout: this.device.createPipelineLayout({ bindGroupLayouts: [this.bindGroupLayout(kernel)] }),
      compute: {
        module: this.device.createShaderModule({ label: kernel.family, code: kernel.code }),
        entryPoint: 'main',
      },
    });
  }
}
