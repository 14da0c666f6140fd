// The words for a case: the same in progress lines and in the table.

import type { BenchCase } from '../benchJob.ts';

const EXECUTOR_NAMES: Readonly<Record<BenchCase['executor'], string>> = {
  windowbox: 'Windowbox',
  stock: 'stock tfjs-webgpu',
};

export function nameExecutor({ executor }: BenchCase): string {
  return EXECUTOR_NAMES[executor];
}

/** 'resnet18 train, batch 32, 224 px, Windowbox' */
export function describeCase(benchCase: BenchCase): string {
  const { network, mode, batchSize, imageSizePx } = benchCase;
  const size = network === 'head' ? '' : `, ${imageSizePx} px`;
  return `${network} ${mode}, batch ${batchSize}${size}, ${nameExecutor(benchCase)}`;
}
