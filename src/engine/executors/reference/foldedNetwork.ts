// A network as inference runs it: batch norms folded into the convolutions before them, fused ops.

import { foldBatchNorm } from '../../graph/foldBatchNorm.ts';
import type { Graph, ParameterValues } from '../../graph/graph.ts';
import * as tf from '../../tf.ts';
import { runFusedForward } from './forward.ts';

export class FoldedNetwork {
  private readonly graph: Graph;
  private readonly values: ReadonlyMap<string, tf.Tensor>;

  constructor(unfolded: Graph, parameters: ParameterValues) {
    const { graph, values } = foldBatchNorm(unfolded, parameters);
    this.graph = graph;
    this.values = new Map(
      graph.parameters.map(({ name, shape }) => [name, tf.tensor(values.get(name) as Float32Array, [...shape])]),
    );
  }

  /** @param inputs [batch, ...inputShape]; @returns [batch, ...outputShape]. Call inside a tidy. */
  run(inputs: tf.Tensor): tf.Tensor {
    return runFusedForward(this.graph, inputs, (name) => this.values.get(name) as tf.Tensor);
  }

  dispose(): void {
    for (const value of this.values.values()) value.dispose();
  }
}
