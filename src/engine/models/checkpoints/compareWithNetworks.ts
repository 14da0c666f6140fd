// Names and shapes of a checkpoint beside those of every network here: what fits, what is missing, what is too much. Looks
// at no number.

import type { ParameterSpec } from '../../graph/graph.ts';
import type { Architecture } from '../architecture.ts';
import { buildClassifier, buildFeatureExtractor } from '../head.ts';
import { torchShape } from '../weights/tensorLayout.ts';
import type { Checkpoint } from './checkpoint.ts';
import { type NamingScheme, namingSchemesOf } from './namingSchemes.ts';

export interface NetworkComparison {
  readonly architecture: Architecture;
  readonly scheme: NamingScheme;
  /** Our parameters of the body that the file has, with the names it has them under. */
  readonly matched: ReadonlyMap<ParameterSpec, string>;
  /** Names, in the file's words, of what the body needs and the file does not have. */
  readonly missing: readonly string[];
  readonly otherShapes: readonly { readonly name: string; readonly expected: readonly number[] }[];
  /** Names of the file that have no place in the network, in the file's order; without its end and counters. */
  readonly leftOver: readonly string[];
  /** The original end, where all of it is there with any number of classes. */
  readonly classifier: ReadonlyMap<ParameterSpec, string> | null;
  /** Names of an end of any kind: new layers take its place. */
  readonly end: readonly string[];
  /** 0..1: tensors that fit, of all that one of both has. */
  readonly likeness: number;
  /** The same of names alone: high for a network of other widths. */
  readonly nameLikeness: number;
}

/** What libraries and training scripts call the layers behind the body. */
const END = /^(fc|_fc|classifier|head|last_linear)\./;
/** How many batches a batch norm has seen: of use to nobody who loads it. */
const COUNTER = /(^|\.)num_batches_tracked$/;
/** Any number will do to build the original end: its classes are counted from the file. */
const CLASS_COUNT = 1000;

/** Every network in every scheme of names, likest first; of equals the earlier in the list. */
export function compareWithNetworks(
  tensors: Checkpoint['tensors'],
  architectures: readonly Architecture[],
): readonly NetworkComparison[] {
  return architectures
    .flatMap((architecture) => {
      const body = buildFeatureExtractor(architecture, architecture.imageSizePx).parameters;
      const whole = buildClassifier(architecture, architecture.imageSizePx, CLASS_COUNT).parameters;
      const parts = { body, classifier: whole.slice(body.length) };
      return namingSchemesOf(whole).map((scheme) => compare(tensors, architecture, scheme, parts));
    })
    .toSorted((a, b) => b.likeness - a.likeness);
}

interface Parts {
  readonly body: readonly ParameterSpec[];
  readonly classifier: readonly ParameterSpec[];
}

function compare(
  tensors: Checkpoint['tensors'],
  architecture: Architecture,
  scheme: NamingScheme,
  { body, classifier }: Parts,
): NetworkComparison {
  const matched = new Map<ParameterSpec, string>();
  const missing: string[] = [];
  const otherShapes: { name: string; expected: readonly number[] }[] = [];
  for (const spec of body) {
    const name = scheme.nameOf(spec.name);
    const found = tensors.get(name);
    if (!found) missing.push(name);
    else if (isSameShape(found.shape, torchShape(spec))) matched.set(spec, name);
    else otherShapes.push({ name, expected: torchShape(spec) });
  }
  const used = new Set([...matched.values(), ...otherShapes.map(({ name }) => name)]);
  const others = [...tensors.keys()].filter((name) => !used.has(name) && !COUNTER.test(name));
  const leftOver = others.filter((name) => !END.test(name));
  const all = matched.size + missing.length + otherShapes.length + leftOver.length;
  return {
    architecture,
    scheme,
    matched,
    missing,
    otherShapes,
    leftOver,
    classifier: findClassifier(tensors, scheme, classifier),
    end: others.filter((name) => END.test(name)),
    likeness: matched.size / all,
    nameLikeness: (matched.size + otherShapes.length) / all,
  };
}

function isSameShape(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((size, axis) => size === right[axis]);
}

/** A linear layer on the pooled features: as many inputs as there are channels, and a bias for each class. */
function findClassifier(
  tensors: Checkpoint['tensors'],
  { nameOf }: NamingScheme,
  parameters: readonly ParameterSpec[],
): ReadonlyMap<ParameterSpec, string> | null {
  const weight = parameters.find(({ kind }) => kind === 'weight');
  const bias = parameters.find(({ kind }) => kind === 'bias');
  if (!weight || !bias || parameters.length !== 2) return null;
  const [classCount, inputs, ...more] = tensors.get(nameOf(weight.name))?.shape ?? [];
  const biasShape = tensors.get(nameOf(bias.name))?.shape ?? [];
  if (!classCount || inputs !== weight.shape[0] || more.length > 0 || !isSameShape(biasShape, [classCount]))
    return null;
  return new Map([
    [{ ...weight, shape: [inputs as number, classCount] }, nameOf(weight.name)],
    [{ ...bias, shape: [classCount] }, nameOf(bias.name)],
  ]);
}
