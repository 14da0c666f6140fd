// A state dict of PyTorch's, whose names are our graph's own, onto the graph: nothing is changed but the order of the numbers.

import { readFileSync } from 'node:fs';
import type { Graph, ParameterValues } from '../../src/engine/graph/graph.ts';
import { readTorchLegacy } from '../../src/engine/models/checkpoints/readTorchLegacy.ts';
import { loadWeights } from '../../src/engine/models/weights/loadWeights.ts';
import { EngineError } from '../../src/protocol/errors.ts';
import { unexpectedPackage } from './fetchErrors.ts';

/**
 * @param file .pth, as PyTorch saved it before 1.6
 * @returns a value for every parameter of the graph, in the engine's layout
 * @throws {SetupError} when it lacks one or has it in another shape
 */
export function convertTorchLegacy(file: string, graph: Graph): ParameterValues {
  try {
    return loadWeights(graph, readTorchLegacy(new Uint8Array(readFileSync(file))).tensors);
  } catch (thrown) {
    if (thrown instanceof EngineError) throw unexpectedPackage(thrown.message);
    throw thrown;
  }
}
