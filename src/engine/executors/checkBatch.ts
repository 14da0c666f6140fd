// What a network refuses, in one place for both executors: batches, labels and groups that do not fit throw a RangeError
// before anything is computed.

import { type Graph, sizeOf } from '../graph/graph.ts';
import type { ParameterGroup } from '../optimizers/optimizer.ts';
import type { InputBatch, LabelledBatch, LossKind, NetworkOptions } from './executor.ts';

/** Refuses a batch that is empty, larger than `batchSize` or not of the graph's input shape. */
export function checkBatch(graph: Graph, batchSize: number, batch: InputBatch): void {
  const { count } = batch;
  if (!Number.isInteger(count) || count < 1 || count > batchSize) {
    throw new RangeError(`This network takes batches of 1 to ${batchSize}, not of ${count}.`);
  }
  if ('inputs' in batch) {
    const expected = count * sizeOf(graph.inputShape);
    if (batch.inputs.length === expected) return;
    throw new RangeError(`${count} items are ${expected} numbers, not ${batch.inputs.length}.`);
  }
  if (graph.inputShape.length !== 3 || graph.inputShape[2] !== 3) {
    throw new RangeError(`Pictures are [height, width, 3], and this network takes [${graph.inputShape}].`);
  }
  if (batch.views.length !== count) throw new RangeError(`A batch of ${count} has ${batch.views.length} views.`);
}

/** Refuses weights for another loss than cross-entropy, of another number than the classes, or that are no weights. */
export function checkClassWeights(graph: Graph, { loss, classWeights }: NetworkOptions): void {
  if (!classWeights) return;
  if (loss === 'binaryCrossEntropy') throw new RangeError('Only cross-entropy takes class weights.');
  const classCount = graph.outputShape.at(-1) as number;
  if (classWeights.length !== classCount) {
    throw new RangeError(`${classCount} class weights are needed, not ${classWeights.length}.`);
  }
  const wrong = classWeights.find((weight) => !(weight >= 0 && weight < Number.POSITIVE_INFINITY));
  if (wrong !== undefined) throw new RangeError(`${wrong} is no class weight: it is a number from 0 up.`);
}

/** Refuses labels of the wrong kind, number or range for the loss, and a batch whose items all weigh nothing. */
export function checkLabels(
  graph: Graph,
  loss: LossKind,
  { count, labels }: LabelledBatch,
  classWeights?: Float32Array,
): void {
  const classCount = graph.outputShape.at(-1) as number;
  const isBinary = loss === 'binaryCrossEntropy';
  if (isBinary ? !(labels instanceof Float32Array) : !(labels instanceof Int32Array)) {
    throw new RangeError(`The labels of ${loss} are ${isBinary ? 'a Float32Array' : 'an Int32Array'}.`);
  }
  const expected = isBinary ? count * classCount : count;
  if (labels.length !== expected) throw new RangeError(`${expected} labels are needed, not ${labels.length}.`);
  for (const label of labels) {
    const isKnown = isBinary ? label === 0 || label === 1 : label >= 0 && label < classCount;
    if (!isKnown)
      throw new RangeError(`${label} is no label: it is ${isBinary ? '0 or 1' : `0 to ${classCount - 1}`}.`);
  }
  if (classWeights && labels.every((label) => classWeights[label] === 0)) {
    throw new RangeError('The classes of this batch all weigh 0, so it has no mean loss.');
  }
}

/** The learned parameters among `names`, once each and in the graph's order. Refuses a name that the graph does not have. */
export function learnedNames(graph: Graph, names: Iterable<string>): readonly string[] {
  const wanted = new Set(names);
  const known = new Set(graph.parameters.map(({ name }) => name));
  for (const name of wanted) if (!known.has(name)) throw new RangeError(`This network has no parameter ${name}.`);
  return graph.parameters.filter(({ name, isLearned }) => isLearned && wanted.has(name)).map(({ name }) => name);
}

/** Refuses groups that are not, together and without repeats, exactly the learned parameters `learning`. */
export function checkGroups(graph: Graph, learning: readonly string[], groups: readonly ParameterGroup[]): void {
  if (learning.length === 0) throw new RangeError('This network was made for inference: nothing in it learns.');
  const named = groups.flatMap((group) => group.names);
  if (new Set(named).size !== named.length) throw new RangeError('A parameter is in two groups.');
  const given = new Set(learnedNames(graph, named));
  const missing = learning.find((name) => !given.has(name));
  if (missing !== undefined) throw new RangeError(`${missing} learns in this network and is in no group.`);
  const frozen = [...given].find((name) => !learning.includes(name));
  if (frozen !== undefined) throw new RangeError(`${frozen} is in a group and is frozen in this network.`);
}
