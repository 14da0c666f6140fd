// What one picture costs: multiply-adds of the convolutions and linear layers, as the papers count them. Batch norms,
// activations, pools and additions count nothing.

import { type Graph, type GraphNode, type Shape, sizeOf } from './graph.ts';

/** Multiply-adds of one forward pass over one item. A training step takes about three times as many. */
export function countMultiplyAdds(graph: Graph): number {
  return graph.nodes.reduce((sum, node) => sum + countOfNode(node, graph), 0);
}

function countOfNode(node: GraphNode, graph: Graph): number {
  if (node.op !== 'conv2d' && node.op !== 'linear') return 0;
  // A node reads one that stands before it.
  const inputShape = graph.nodes[node.input]?.shape as Shape;
  const inChannels = inputShape.at(-1) as number;
  if (node.op === 'linear') return inChannels * node.outFeatures;
  return sizeOf(node.shape) * node.kernelSize ** 2 * (inChannels / node.groups);
}
