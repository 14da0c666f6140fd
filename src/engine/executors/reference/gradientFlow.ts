// Through which nodes a gradient comes back. What stands before them is only computed, like an inference: nothing of it is kept for a
// backward pass that never reaches it.

import { type Graph, inputsOf, type NodeIndex } from '../../graph/graph.ts';

/** Of each node, whether a gradient flows into its output: it learns, or something before it does. */
export function findGradients(graph: Graph, learns: ReadonlySet<string>): readonly boolean[] {
  const flows: boolean[] = [];
  for (const node of graph.nodes) {
    const isLearning = 'name' in node && (learns.has(`${node.name}.weight`) || learns.has(`${node.name}.bias`));
    flows.push(isLearning || inputsOf(node).some((input) => flows[input] === true));
  }
  return flows;
}

/** The nodes before every gradient whose outputs are read where it flows, or by nobody, as a whole network's that is frozen. */
export function findBorder(graph: Graph, flows: readonly boolean[]): ReadonlySet<NodeIndex> {
  const border = new Set<NodeIndex>();
  graph.nodes.forEach((node, index) => {
    for (const input of inputsOf(node)) if (flows[index] && !flows[input]) border.add(input);
  });
  const last = graph.nodes.length - 1;
  if (!flows[last]) border.add(last);
  return border;
}
