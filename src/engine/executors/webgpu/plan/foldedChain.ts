// Which nodes behind a convolution or linear layer its kernel can take along, where nothing of them learns.

import type { ActivationKind, NodeIndex } from '../../../graph/graph.ts';
import { type GraphFacts, soleReader } from './graphFacts.ts';

/** What a convolution in a region that does not learn takes along to the node `last`. */
export interface FoldedChain {
  readonly last: NodeIndex;
  readonly norm: NodeIndex | null;
  readonly addend: NodeIndex | null;
  readonly activation: ActivationKind | null;
}

/**
 * Follows sole readers: a frozen batch norm, a sum whose other side is computed already, an activation. Without any, the chain
 * is the node itself.
 */
export function findFoldedChain(
  facts: GraphFacts,
  index: NodeIndex,
  isComputed: (index: NodeIndex) => boolean,
): FoldedChain {
  let chain: FoldedChain = { last: index, norm: null, addend: null, activation: null };
  for (;;) {
    const reader = soleReader(facts, chain.last);
    const node = reader === null ? undefined : facts.graph.nodes[reader];
    if (reader === null || !node || facts.needsGradient[reader] || chain.activation) return chain;
    if (node.op === 'batchNorm' && chain.norm === null && chain.addend === null) {
      chain = { ...chain, last: reader, norm: reader };
    } else if (node.op === 'add' && chain.addend === null && node.left !== node.right) {
      const other = node.left === chain.last ? node.right : node.left;
      if (!isComputed(other)) return chain;
      chain = { ...chain, last: reader, addend: other };
    } else if (node.op === 'activation') {
      chain = { ...chain, last: reader, activation: node.kind };
    } else return chain;
  }
}
