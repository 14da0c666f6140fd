// The whole network that learns a person's classes: body, concat pool, the lesson's head; and its layer groups.

import { type Graph, GraphBuilder } from '../graph/graph.ts';
import type { LayerGroups } from '../graph/layerGroups.ts';
import type { Architecture } from './architecture.ts';
import { addHead } from './head.ts';

/** [size, size, 3] -> logits [class]. Parameters of the head begin with 'head.'. */
export function buildFullNetwork(architecture: Architecture, imageSizePx: number, classCount: number): Graph {
  const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
  addHead(builder, builder.concatPool(architecture.body(builder, builder.input)), classCount);
  return builder.build();
}

/** The body's groups and then the head, pixel side first (LESSON section 4.2): three for every network of the studio. */
export function fullNetworkGroups({ bodyGroups }: Architecture): LayerGroups {
  return [...bodyGroups, ['head.']];
}
