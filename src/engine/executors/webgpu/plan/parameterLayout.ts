// Where every parameter lies: learned ones in arenas that the update covers with one dispatch, running statistics in arenas
// of their own. Channels are filled up with zeros to multiples of four, and stay zero, since their gradients are.

import { type Graph, type ParameterSpec, sizeOf } from '../../../graph/graph.ts';
import { BLOCK_SIZE, STATISTICS_BLOCK } from '../kernels/optimizer.ts';
import { isTrainingNorm } from './graphFacts.ts';
import type { PlanBuffer, Slice } from './plan.ts';

export interface ParameterPlace {
  readonly spec: ParameterSpec;
  /** The spec's shape with channels filled up. */
  readonly paddedShape: readonly number[];
  /** Running statistics lie in their own arena, which has one segment. */
  readonly arena: 'learned' | 'running';
  readonly segment: number;
  /** In numbers. */
  readonly offset: number;
}

/** One set of arenas. A parameter set larger than a binding may be is spread over several. */
export interface ArenaSegment {
  readonly parameters: PlanBuffer;
  readonly gradients: PlanBuffer;
  readonly velocities: PlanBuffer;
  /** AdamW's running mean of squares; made when AdamW is first used. */
  readonly squares: PlanBuffer;
  readonly blockGroups: PlanBuffer;
  /** Blocks of BLOCK_SIZE numbers that learn; they come first. */
  readonly learningBlocks: number;
}

export interface ParameterLayout {
  readonly places: ReadonlyMap<string, ParameterPlace>;
  readonly segments: readonly ArenaSegment[];
  readonly running: PlanBuffer;
  readonly batchStatistics: PlanBuffer;
  /** Of each block of STATISTICS_BLOCK running numbers: a batch norm's momentum, 0 where they stay. */
  readonly momenta: Float32Array;
}

const PADDED_TO = 4;

export function padChannels(count: number): number {
  return Math.ceil(count / PADDED_TO) * PADDED_TO;
}

export interface LayoutOptions {
  /** Names that learn. */
  readonly learning: ReadonlySet<string>;
  /** No batch norm's running statistics move, whatever learns. */
  readonly keepsStatistics: boolean;
  /** The largest binding of the device. */
  readonly maxSegmentBytes: number;
}

/** Throws RangeError when one parameter alone is larger than a segment. */
export function layOutParameters(graph: Graph, options: LayoutOptions): ParameterLayout {
  const { learning, maxSegmentBytes } = options;
  const paddedShapes = findPaddedShapes(graph);
  const places = new Map<string, ParameterPlace>();
  const learned = graph.parameters.filter((spec) => spec.isLearned);
  const inOrder = [
    ...learned.filter(({ name }) => learning.has(name)),
    ...learned.filter(({ name }) => !learning.has(name)),
  ];
  const segments = fillSegments(inOrder, learning, paddedShapes, maxSegmentBytes, places);
  const { runningSize, momenta } = placeStatistics(graph, options, paddedShapes, places);
  return {
    // In the graph's order, as everybody else lists parameters.
    places: new Map(graph.parameters.map(({ name }) => [name, places.get(name) as ParameterPlace])),
    segments,
    running: persistent('running statistics', runningSize),
    batchStatistics: persistent('batch statistics', runningSize),
    momenta,
  };
}

function fillSegments(
  specs: readonly ParameterSpec[],
  learning: ReadonlySet<string>,
  paddedShapes: ReadonlyMap<string, readonly number[]>,
  maxSegmentBytes: number,
  places: Map<string, ParameterPlace>,
): ArenaSegment[] {
  const sizes: { total: number; learning: number }[] = [{ total: 0, learning: 0 }];
  for (const spec of specs) {
    const paddedShape = paddedShapes.get(spec.name) as readonly number[];
    const size = Math.ceil(sizeOf(paddedShape) / BLOCK_SIZE) * BLOCK_SIZE;
    if (4 * size > maxSegmentBytes) {
      throw new RangeError(`${spec.name} takes ${4 * size} bytes; this device binds ${maxSegmentBytes} at most.`);
    }
    let current = sizes.at(-1) as { total: number; learning: number };
    // Learning parameters come first in every segment, so a frozen one never stands before a learning one.
    if (4 * (current.total + size) > maxSegmentBytes) {
      current = { total: 0, learning: 0 };
      sizes.push(current);
    }
    places.set(spec.name, { spec, paddedShape, arena: 'learned', segment: sizes.length - 1, offset: current.total });
    current.total += size;
    if (learning.has(spec.name)) current.learning = current.total;
  }
  return sizes.map(({ total, learning: learns }, index) => ({
    parameters: persistent(`parameters ${index}`, total),
    gradients: persistent(`gradients ${index}`, learns),
    velocities: persistent(`velocities ${index}`, learns),
    squares: persistent(`mean squares ${index}`, learns),
    blockGroups: persistent(`block groups ${index}`, learns / BLOCK_SIZE),
    learningBlocks: learns / BLOCK_SIZE,
  }));
}

function persistent(label: string, numberCount: number): PlanBuffer {
  // A buffer of no bytes cannot be bound; 256 is the smallest that fits every alignment.
  return { kind: 'persistent', label, sizeBytes: Math.max(4 * numberCount, 256) };
}

/** Mean and variance of one batch norm stand one after the other. */
function placeStatistics(
  graph: Graph,
  options: LayoutOptions,
  paddedShapes: ReadonlyMap<string, readonly number[]>,
  places: Map<string, ParameterPlace>,
) {
  const specs = new Map(graph.parameters.map((spec) => [spec.name, spec]));
  const momenta: number[] = [];
  let offset = 0;
  for (const node of graph.nodes) {
    if (node.op !== 'batchNorm') continue;
    const channels = padChannels(node.shape.at(-1) as number);
    for (const part of ['running_mean', 'running_var'] as const) {
      const spec = specs.get(`${node.name}.${part}`) as ParameterSpec;
      places.set(spec.name, {
        spec,
        paddedShape: paddedShapes.get(spec.name) as readonly number[],
        arena: 'running',
        segment: 0,
        offset: part === 'running_mean' ? offset : offset + channels,
      });
    }
    const blocks = Math.ceil((2 * channels) / STATISTICS_BLOCK);
    for (let block = 0; block < blocks; block++) momenta.push(isTrainingNorm(options, node) ? node.momentum : 0);
    offset += blocks * STATISTICS_BLOCK;
  }
  return { runningSize: offset, momenta: Float32Array.from(momenta) };
}

/** Input channels of a kernel are filled up where they are the channels of a tensor, not those of one group of many. */
function findPaddedShapes(graph: Graph): ReadonlyMap<string, readonly number[]> {
  const groupsOf = new Map(
    graph.nodes.flatMap((node) => (node.op === 'conv2d' ? [[`${node.name}.weight`, node.groups]] : [])),
  );
  return new Map(
    graph.parameters.map(({ name, kind, shape }) => {
      const padded = shape.map((size, axis) => {
        const isInput = axis === shape.length - 2;
        const isOutput = axis === shape.length - 1;
        if (isOutput) return padChannels(size);
        return isInput && (kind === 'weight' || groupsOf.get(name) === 1) ? padChannels(size) : size;
      });
      return [name, padded];
    }),
  );
}

export function placeOf(layout: ParameterLayout, name: string): ParameterPlace {
  const place = layout.places.get(name);
  if (!place) throw new RangeError(`This network has no parameter ${name}.`);
  return place;
}

/** The piece of an arena that holds a parameter, or its gradient. */
export function sliceOf(
  layout: ParameterLayout,
  name: string,
  arena: 'parameters' | 'gradients' = 'parameters',
): Slice {
  const { segment, offset, paddedShape } = placeOf(layout, name);
  const buffer = layout.segments[segment]?.[arena] as PlanBuffer;
  return { buffer, offsetBytes: 4 * offset, sizeBytes: 4 * sizeOf(paddedShape) };
}

/** Running mean and variance of a batch norm together, or the place for those of the batch. */
export function statisticsSlice(
  layout: ParameterLayout,
  normName: string,
  arena: 'running' | 'batchStatistics',
): Slice {
  const { offset, paddedShape } = placeOf(layout, `${normName}.running_mean`);
  return { buffer: layout[arena], offsetBytes: 4 * offset, sizeBytes: 8 * sizeOf(paddedShape) };
}

/** Values with zeros where channels are filled up. */
export function padValues({ spec, paddedShape }: ParameterPlace, values: Float32Array): Float32Array {
  const padded = new Float32Array(sizeOf(paddedShape));
  forEachRow(spec.shape, paddedShape, (from, to, length) => padded.set(values.subarray(from, from + length), to));
  return padded;
}

export function unpadValues({ spec, paddedShape }: ParameterPlace, padded: Float32Array): Float32Array {
  const values = new Float32Array(sizeOf(spec.shape));
  forEachRow(spec.shape, paddedShape, (from, to, length) => values.set(padded.subarray(to, to + length), from));
  return values;
}

/** Rows are runs of the last axis; only the last two axes are ever filled up. */
function forEachRow(
  shape: readonly number[],
  paddedShape: readonly number[],
  copy: (from: number, to: number, length: number) => void,
): void {
  const length = shape.at(-1) as number;
  const rows = shape.at(-2) ?? 1;
  const paddedLength = paddedShape.at(-1) as number;
  const paddedRows = paddedShape.at(-2) ?? 1;
  const blocks = sizeOf(shape) / (rows * length);
  for (let block = 0; block < blocks; block++) {
    for (let row = 0; row < rows; row++) {
      copy((block * rows + row) * length, (block * paddedRows + row) * paddedLength, length);
    }
  }
}
