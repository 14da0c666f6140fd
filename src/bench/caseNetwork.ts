// The graph of a case, what learns in it and how much there is to compute.

import { countMultiplyAdds } from '../engine/graph/countMultiplyAdds.ts';
import { type Graph, GraphBuilder } from '../engine/graph/graph.ts';
import type { Architecture } from '../engine/models/architecture.ts';
import { findArchitecture } from '../engine/models/catalog.ts';
import { addHead, buildClassifier, buildFeatureExtractor, buildHead } from '../engine/models/head.ts';
import type { BenchCase } from './benchJob.ts';
import { BENCH_CLASSES } from './randomInputs.ts';

export interface CaseNetwork {
  readonly graph: Graph;
  /** Empty for inference. */
  readonly learning: readonly string[];
  /** Of one item in one step: two for each multiply-add, three passes over what learns and one over what is frozen. */
  readonly flopsPerItem: number;
  /** The same network in two: stock users run the frozen body by itself, since tf.layers knows no frozen batch norm. */
  readonly frozen: { readonly body: Graph; readonly head: Graph } | null;
}

/** What the lesson's head gets from EfficientNet-Lite0. */
const HEAD_FEATURES = 2560;
const PASSES = 3;

/** Throws RangeError or EngineError, with a sentence, for a network or mode that there is not. */
export function buildCaseNetwork({ network, mode, imageSizePx }: BenchCase): CaseNetwork {
  if (network === 'head') {
    if (mode === 'train' || mode === 'flat') return learnAll(buildHead(HEAD_FEATURES, BENCH_CLASSES));
    throw new RangeError(`The head alone has no body, so there is no mode ${mode} for it.`);
  }
  const architecture = findArchitecture(network);
  if (mode === 'frozen') return freezeBody(architecture, imageSizePx);
  if (mode === 'features') {
    const graph = buildFeatureExtractor(architecture, imageSizePx);
    return { graph, learning: [], flopsPerItem: 2 * countMultiplyAdds(graph), frozen: null };
  }
  return learnAll(buildClassifier(architecture, imageSizePx, BENCH_CLASSES));
}

function learnAll(graph: Graph): CaseNetwork {
  return { graph, learning: learnedNames(graph), flopsPerItem: 2 * PASSES * countMultiplyAdds(graph), frozen: null };
}

function freezeBody(architecture: Architecture, imageSizePx: number): CaseNetwork {
  const builder = new GraphBuilder([imageSizePx, imageSizePx, 3]);
  addHead(builder, builder.concatPool(architecture.body(builder, builder.input)), BENCH_CLASSES);
  const body = buildFeatureExtractor(architecture, imageSizePx);
  const head = buildHead(body.outputShape[0] as number, BENCH_CLASSES);
  return {
    graph: builder.build(),
    learning: learnedNames(head),
    flopsPerItem: 2 * countMultiplyAdds(body) + 2 * PASSES * countMultiplyAdds(head),
    frozen: { body, head },
  };
}

function learnedNames(graph: Graph): readonly string[] {
  return graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
}
