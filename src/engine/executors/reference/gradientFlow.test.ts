import { expect, test } from 'vitest';
import { GraphBuilder } from '../../graph/graph.ts';
import { findBorder, findGradients } from './gradientFlow.ts';

/** input 0, conv 1, conv 2, add 3 (of 1 and 2), average 4, linear 5. */
function build() {
  const builder = new GraphBuilder([4, 4, 3]);
  const options = { outChannels: 3, kernelSize: 3, stride: 1, padding: 'same' } as const;
  const first = builder.conv2d('first', builder.input, options);
  const second = builder.conv2d('second', first, options);
  builder.linear('last', builder.averagePool(builder.addNodes(first, second)), 2);
  return builder.build();
}

const graph = build();
const at = (...learning: string[]) => {
  const flows = findGradients(graph, new Set(learning));
  return { flows: flows.map(Number).join(''), border: [...findBorder(graph, flows)] };
};

test('a gradient flows from what learns to the end, and what is read there from before it is the border', () => {
  expect(at('last.weight')).toEqual({ flows: '000001', border: [4] });
  // The sum reads the frozen first layer, too.
  expect(at('second.weight')).toEqual({ flows: '001111', border: [1] });
  expect(at('first.weight', 'last.bias')).toEqual({ flows: '011111', border: [0] });
});

test('of a network that is frozen whole the border is its output', () => {
  expect(at()).toEqual({ flows: '000000', border: [5] });
});
