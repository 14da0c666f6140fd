// A weights file onto a graph: every parameter found by name, checked by shape, turned into the engine's layout.

import { EngineError } from '../../../protocol/errors.ts';
import type { Graph, ParameterValues } from '../../graph/graph.ts';
import type { StoredTensor } from './safetensors.ts';
import { fromTorchLayout, torchShape } from './tensorLayout.ts';

/** Throws EngineError 'weightsDamaged' when a parameter is missing or has another shape; left-over tensors are ignored. */
export function loadWeights(
  graph: Pick<Graph, 'parameters'>,
  stored: ReadonlyMap<string, StoredTensor>,
): ParameterValues {
  const values = new Map<string, Float32Array>();
  for (const spec of graph.parameters) {
    const tensor = stored.get(spec.name);
    const expected = torchShape(spec);
    if (!tensor || tensor.shape.join() !== expected.join()) {
      const found = tensor ? `has the shape [${tensor.shape}] instead of [${expected}]` : 'is missing';
      throw new EngineError(
        'weightsDamaged',
        `The weights file does not fit the network: “${spec.name}” ${found}. Nothing was loaded. Fetch the file again.`,
      );
    }
    values.set(spec.name, fromTorchLayout(spec, tensor.values));
  }
  return values;
}
