// The networks that benches and parity tests run. Not the studio's catalog: most of them have no weights to start from, so
// the studio must not offer them.

import type { Graph } from '../graph/graph.ts';
import type { Architecture } from './architecture.ts';
import { efficientNetLite0 } from './efficientNetLite.ts';
import { buildClassifier } from './head.ts';
import { mobileNetV2 } from './mobileNetV2.ts';
import { RESNETS } from './resnet.ts';

const BENCHED_RESNETS = ['resnet18', 'resnet34', 'resnet50', 'resnext50'];

/** scripts/parity/networks.py builds the same ones, under the same ids, in PyTorch. */
export const BENCH_NETWORKS: readonly Architecture[] = [
  ...RESNETS.filter(({ id }) => BENCHED_RESNETS.includes(id)),
  mobileNetV2,
  efficientNetLite0,
];

/** The network with its original classifier. Throws RangeError for an unknown id. */
export function buildBenchNetwork(id: string, imageSizePx: number, classCount: number): Graph {
  return buildClassifier(findBenchNetwork(id), imageSizePx, classCount);
}

/** Throws RangeError for an unknown id. */
export function findBenchNetwork(id: string): Architecture {
  const found = BENCH_NETWORKS.find((network) => network.id === id);
  if (found) return found;
  throw new RangeError(`No bench network ${id}; there are ${BENCH_NETWORKS.map((network) => network.id).join(', ')}.`);
}
