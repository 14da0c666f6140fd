// Layer groups: which parameters share a learning rate and freeze together, pixel side first.

import type { Graph, ParameterSpec } from './graph.ts';

/** Name prefixes of each group, pixel side first; a parameter belongs to the first group with a matching prefix. */
export type LayerGroups = readonly (readonly string[])[];

/** The parameters of each group. Throws when a parameter has no group: a forgotten prefix would train at no rate. */
export function groupParameters(graph: Graph, groups: LayerGroups): readonly (readonly ParameterSpec[])[] {
  const grouped: ParameterSpec[][] = groups.map(() => []);
  for (const parameter of graph.parameters) {
    const group = groups.findIndex((prefixes) => prefixes.some((prefix) => parameter.name.startsWith(prefix)));
    const members = grouped[group];
    if (!members) throw new RangeError(`No layer group has a prefix of ${parameter.name}.`);
    members.push(parameter);
  }
  return grouped;
}
