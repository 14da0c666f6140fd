// Which networks the WebGPU tests put through PyTorch's fixtures, and how. Imported by tests in a browser only.

import { expect } from 'vitest';
import type { Executor } from '../executors/executor.ts';
import { findArchitecture } from '../models/catalog.ts';
import { type NetworkGradientsFixture, repeatPasses } from './networkGradients.ts';

const fixtures = import.meta.glob<NetworkGradientsFixture>('/fixtures/parity/networkGradients/*.json', {
  import: 'default',
});

/** Basic blocks; bottlenecks that stride in their first and in their second convolution; groups; depthwise with either padding. */
export const ONE_OF_EACH_KIND = [
  'resnet18',
  'resnet50-v1',
  'resnet50',
  'resnext50',
  'mobilenet-v2',
  'efficientnet-lite0',
] as const;

/** The same blocks, more of them or wider ones. */
export const DEEPER_NETWORKS = [
  'resnet34',
  'resnet101',
  'resnext101-32x8d',
  'resnext101-64x4d',
  'efficientnet-lite1',
  'efficientnet-lite2',
] as const;

export function labelled(ids: readonly string[]): readonly { readonly id: string; readonly label: string }[] {
  return ids.map((id) => ({ id, label: findArchitecture(id).label }));
}

/** Logits, feature maps, loss, every gradient and every running statistic within a thousandth of PyTorch's. */
export async function expectGradients(executor: Executor, id: string): Promise<void> {
  const fixture = await fixtures[`/fixtures/parity/networkGradients/${id}.json`]?.();
  if (!fixture) throw new Error(`There is no fixture for ${id}.`);
  const difference = await repeatPasses(executor, fixture);
  for (const { error, name } of Object.values(difference)) expect(error, name).toBeLessThan(1e-3);
}
