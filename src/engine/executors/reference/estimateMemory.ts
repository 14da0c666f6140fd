// What the reference executor would hold for a network, from the shapes in its graph: an estimate, since tensors come and go with the
// work. It counts what tfjs keeps alive at the fullest moments of a step (the end of the forward pass, the end of the backward pass) and
// of an inference (the largest neighbours). estimateMemory.test.ts compares it with tfjs's own count.

import { type Graph, type GraphNode, inputsOf, type NodeIndex, type ParameterSpec, sizeOf } from '../../graph/graph.ts';
import { resolvePadding } from '../../graph/shapes.ts';
import type { NetworkOptions } from '../executor.ts';
import { findBorder, findGradients } from './gradientFlow.ts';

const FLOAT_BYTES = 4;
/** Gradients come with a few of their own summands: measured, EfficientNet-Lite0 at 64 px unfrozen. */
const GRADIENT_SHARE = 1.27;

interface EstimateOptions extends Pick<NetworkOptions, 'batchSize' | 'learning'> {
  /** tfjs-wasm copies each tensor that it saves for the backward pass; other backends share it. */
  readonly copiesSaved: boolean;
}

/** Bytes of everything together at the fullest moment. */
export function estimateBytes(graph: Graph, { batchSize, learning, copiesSaved }: EstimateOptions): number {
  const weights = countValues(graph.parameters);
  // The weights as they are, and folded.
  const inference = 2 * weights + batchSize * countInference(graph);
  if (learning.length === 0) return FLOAT_BYTES * inference;
  const learns = new Set(learning);
  const learned = countValues(graph.parameters.filter(({ name }) => learns.has(name)));
  const { frozen, learning: moving } = countStep(graph, learns, copiesSaved);
  // While frozen layers are computed there is a momentum for each weight that learns; later a gradient, too, and each is there
  // twice while it is renewed.
  const frozenPart = weights + learned + batchSize * frozen;
  const learningPart = weights + 3 * learned + batchSize * moving;
  return FLOAT_BYTES * Math.max(frozenPart, learningPart, inference);
}

function countValues(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Values of one picture at the fullest moments of a step: while the frozen layers are computed, and with the others. */
function countStep(graph: Graph, learns: ReadonlySet<string>, copiesSaved: boolean) {
  const flows = findGradients(graph, learns);
  let [made, saved] = [0, 0];
  graph.nodes.forEach((node, index) => {
    if (!flows[index]) return;
    const counts = countNode(graph, node, learns);
    made += counts.made;
    saved += counts.saved;
  });
  const input = sizeOf(graph.inputShape);
  const kept = [...findBorder(graph, flows)].reduce((sum, index) => sum + sizeOf(shapeAt(graph, index)), input);
  const forward = copiesSaved ? made + saved : made;
  const backward = (copiesSaved ? saved : made) + GRADIENT_SHARE * made;
  const frozen = countFullest(graph, {
    isRun: (index) => flows[index] !== true,
    madeBy: (node) => countNode(graph, node, learns).made,
  });
  return { frozen, learning: kept + Math.max(forward, backward) };
}

interface NodeCount {
  /** Values that the forward pass makes. */
  readonly made: number;
  /** Values that tfjs saves for the backward pass, whether anything learns or not. */
  readonly saved: number;
}

/** By the ops that forward.ts runs for a node. */
function countNode(graph: Graph, node: GraphNode, learns: ReadonlySet<string>): NodeCount {
  const output = sizeOf(node.shape);
  switch (node.op) {
    case 'input':
      return { made: output, saved: 0 };
    case 'conv2d': {
      const input = sizeOf(shapeAt(graph, node.input));
      const padded = countPadded(graph, node);
      return { made: padded + output, saved: padded + input };
    }
    case 'batchNorm':
      // One op of our own (batchNorm.ts) where it learns; else scaled, then shifted.
      return learns.has(`${node.name}.weight`)
        ? { made: output, saved: output }
        : { made: 2 * output, saved: 2 * output };
    case 'add':
      return { made: output, saved: 2 * output };
    case 'concatPool':
    case 'averagePool':
      return { made: output, saved: 2 * sizeOf(shapeAt(graph, node.input)) };
    case 'dropout':
      return { made: 2 * output, saved: 2 * output };
    case 'linear':
      return { made: 2 * output, saved: sizeOf(shapeAt(graph, node.input)) + output };
    default:
      return { made: output, saved: output };
  }
}

/** Values of the input with zeros around it; 0 where none are added and the input itself is read. */
function countPadded(
  graph: Graph,
  { input, padding, kernelSize, stride }: Extract<GraphNode, { op: 'conv2d' }>,
): number {
  const [height, width, channels] = shapeAt(graph, input) as [number, number, number];
  const rows = resolvePadding(padding, height, kernelSize, stride);
  const columns = resolvePadding(padding, width, kernelSize, stride);
  const added = rows.before + rows.after + columns.before + columns.after;
  return added === 0 ? 0 : (height + rows.before + rows.after) * (width + columns.before + columns.after) * channels;
}

function shapeAt(graph: Graph, index: NodeIndex) {
  return (graph.nodes[index] as GraphNode).shape;
}

/** Values of one picture at the fullest moment of an inference, whose batch norms are folded into what stands before them. */
function countInference(graph: Graph): number {
  return countFullest(graph, {
    isRun: () => true,
    madeBy: (node) => sizeOf(node.shape) + (node.op === 'conv2d' ? countPadded(graph, node) : 0),
  });
}

interface RunNodes {
  readonly isRun: (index: NodeIndex) => boolean;
  /** Values that are there at once while the node is computed, its output included. */
  readonly madeBy: (node: GraphNode) => number;
}

/** Values of one picture while the node with the largest neighbours is computed: each output goes after its last reader. */
function countFullest(graph: Graph, { isRun, madeBy }: RunNodes): number {
  const lastReader = new Map<NodeIndex, number>();
  graph.nodes.forEach((node, index) => {
    for (const input of inputsOf(node)) lastReader.set(input, index);
  });
  let [alive, most] = [0, 0];
  graph.nodes.forEach((node, index) => {
    if (!isRun(index)) return;
    most = Math.max(most, alive + madeBy(node));
    alive += sizeOf(node.shape);
    for (const input of inputsOf(node)) if (lastReader.get(input) === index) alive -= sizeOf(shapeAt(graph, input));
  });
  return most;
}
