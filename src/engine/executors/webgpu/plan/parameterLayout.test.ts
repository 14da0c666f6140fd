import { expect, test } from 'vitest';
import { GraphBuilder, sizeOf } from '../../../graph/graph.ts';
import { formulaValues } from '../../../testing/formula.ts';
import { BLOCK_SIZE } from '../kernels/optimizer.ts';
import {
  type LayoutOptions,
  layOutParameters,
  type ParameterPlace,
  padValues,
  placeOf,
  unpadValues,
} from './parameterLayout.ts';

const NORM = { epsilon: 1e-5, momentum: 0.1 };

function buildGraph() {
  const builder = new GraphBuilder([6, 6, 3]);
  let node = builder.conv2d('dense', builder.input, { outChannels: 6, kernelSize: 3, padding: 1, hasBias: true });
  node = builder.batchNorm('norm', node, NORM);
  node = builder.conv2d('depthwise', node, { outChannels: 6, kernelSize: 3, padding: 1, groups: 6 });
  builder.linear('last', builder.concatPool(node), 5);
  return builder.build();
}

const everything = (graph: ReturnType<typeof buildGraph>) =>
  new Set(graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name));

const layOut = (graph: ReturnType<typeof buildGraph>, options: Partial<LayoutOptions> = {}) =>
  layOutParameters(graph, {
    learning: everything(graph),
    keepsStatistics: false,
    maxSegmentBytes: 2 ** 30,
    ...options,
  });

test('running statistics move where their batch norm learns, and nowhere when they are kept', () => {
  const graph = buildGraph();
  expect(layOut(graph).momenta).toEqual(Float32Array.of(NORM.momentum));
  expect(layOut(graph, { learning: new Set(['dense.weight', 'norm.bias']) }).momenta).toEqual(Float32Array.of(0));
  expect(layOut(graph, { keepsStatistics: true }).momenta).toEqual(Float32Array.of(0));
});

test('values come back as they went in, and what fills channels up is zero', () => {
  const graph = buildGraph();
  const layout = layOut(graph);
  expect([...layout.places.keys()]).toEqual(graph.parameters.map(({ name }) => name));
  for (const [name, place] of layout.places) {
    const values = formulaValues(sizeOf(place.spec.shape), 1, 1, 2);
    const padded = padValues(place, values);
    expect(unpadValues(place, padded), name).toEqual(values);
    expect(padded.filter((value) => value === 0).length, name).toBe(padded.length - values.length);
  }
  expect(placeOf(layout, 'dense.weight').paddedShape).toEqual([3, 3, 4, 8]);
  expect(placeOf(layout, 'depthwise.weight').paddedShape).toEqual([3, 3, 1, 8]);
  expect(placeOf(layout, 'last.weight').paddedShape).toEqual([12, 8]);
});

test('what learns comes first, each parameter in blocks of its own, no two at the same place', () => {
  const graph = buildGraph();
  const learning = new Set(['last.weight', 'last.bias']);
  const layout = layOut(graph, { learning });
  const learned = [...layout.places.values()].filter(({ arena }) => arena === 'learned');
  const blocks = learned.flatMap(({ offset, paddedShape }) =>
    Array.from({ length: Math.ceil(sizeOf(paddedShape) / BLOCK_SIZE) }, (_, block) => offset / BLOCK_SIZE + block),
  );
  expect(blocks.every(Number.isInteger)).toBe(true);
  expect(new Set(blocks).size).toBe(blocks.length);
  expect(layout.segments[0]?.learningBlocks).toBe(2);
  const isFirst = ({ spec, offset }: ParameterPlace) => learning.has(spec.name) === offset < 2 * BLOCK_SIZE;
  expect(learned.every(isFirst)).toBe(true);
  expect([...layout.momenta]).toEqual([0]);
});

test('parameters that are too many for one binding are spread over several arenas', () => {
  const graph = buildGraph();
  const layout = layOut(graph, { maxSegmentBytes: 4 * 2 * BLOCK_SIZE });
  expect(layout.segments.length).toBeGreaterThan(2);
  for (const { parameters } of layout.segments) expect(parameters.sizeBytes).toBeLessThanOrEqual(4 * 2 * BLOCK_SIZE);
  expect(() => layOut(graph, { maxSegmentBytes: 1000 })).toThrow('dense.weight takes 4096 bytes');
});
