// Which random stream a dropout layer draws from, the same for every executor.

import type { Graph, NodeIndex } from './graph.ts';

/**
 * How many dropout layers stand behind the one at `node`: counted from the end, so that a head drops the same elements alone and
 * behind a body.
 */
export function dropoutStream({ nodes }: Pick<Graph, 'nodes'>, node: NodeIndex): number {
  return nodes.slice(node + 1).filter(({ op }) => op === 'dropout').length;
}
