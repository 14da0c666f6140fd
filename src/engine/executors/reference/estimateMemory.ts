// What the reference executor would hold for a network, from the shapes in its graph: an estimate, since tensors come and go with the
// work. It counts what tfjs keeps alive at the fullest moments of a step (the end of the forward pass, the end of the backward pass) and
// of an inference (the largest neighbours). estimateMemory.test.ts compares it with tfjs's own count.

import { type Graph, type GraphNode, inputsOf, type NodeIndex, type ParameterSpec, sizeOf } from '../../graph/graph.ts';
import { resolvePadding } from '../../graph/shapes.ts';
import type { NetworkOptions } from '../executor.ts';

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
  // Weights that learn have a gradient and a momentum, and each is there twice while it is renewed.
  const step = weights + 3 * learned + batchSize * countStep(graph, learns, copiesSaved);
  return FLOAT_BYTES * Math.max(step, inference);
}

function countValues(specs: readonly ParameterSpec[]): number {
  return specs.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}

/** Values of one picture at the fullest moment of a step. */
function countStep(graph: Graph, learns: ReadonlySet<string>, copiesSaved: boolean): number {
  const flows = findGradients(graph, learns);
  let [made, saved, gradients] = [0, 0, 0];
  graph.nodes.forEach((node, index) => {
    const counts = countNode(graph, node, learns);
    made += counts.made;
    saved += counts.saved;
    if (flows[index]) gradients += counts.made;
  });
  const forward = copiesSaved ? made + saved : made;
  const backward = (copiesSaved ? saved : made) + GRADIENT_SHARE * gradients;
  return Math.max(forward, backward);
}

/** Of each node, whether a gradient flows into its output: it learns, or something before it does. */
function findGradients(graph: Graph, learns: ReadonlySet<string>): readonly boolean[] {
  const flows: boolean[] = [];
  for (const node of graph.nodes) {
    const isLearning = 'name' in node && (learns.has(`${node.name}.weight`) || learns.has(`${node.name}.bias`));
    flows.push(isLearning || inputsOf(node).some((input) => flows[input] === true));
  }
  return flows;
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
      // Centred, scaled and shifted; in training centred and squared before, for mean and variance.
      return learns.has(`${node.name}.weight`)
        ? { made: 5 * output, saved: 7 * output }
        : { made: 3 * output, saved: 3 * output };
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

/** Values of one picture while the node with the largest neighbours is computed: each output goes after its last reader. */
function countInference(graph: Graph): number {
  const lastReader = new Map<NodeIndex, number>();
  graph.nodes.forEach((node, index) => {
    for (const input of inputsOf(node)) lastReader.set(input, index);
  });
  let [alive, most] = [0, 0];
  graph.nodes.forEach((node, index) => {
    const padded = node.op === 'conv2d' ? countPadded(graph, node) : 0;
    alive += sizeOf(node.shape);
    most = Math.max(most, alive + padded);
    for (const input of inputsOf(node)) if (lastReader.get(input) === index) alive -= sizeOf(shapeAt(graph, input));
  });
  return most;
}
