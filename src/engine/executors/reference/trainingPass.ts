// One pass forward and backward: what a step would change, and whether it may. Nothing is changed in here.

import type { Graph } from '../../graph/graph.ts';
import * as tf from '../../tf.ts';
import type { LossKind, StepMetrics } from '../executor.ts';
import { type NormMode, type RunningStatistics, runFrozen, runLearning } from './forward.ts';
import { findBorder, findGradients } from './gradientFlow.ts';
import { type BatchOutcome, measureBatch } from './loss.ts';

export interface PassOptions {
  readonly graph: Graph;
  /** [batch, ...graph.inputShape] in one flat array. */
  readonly inputs: Float32Array;
  readonly count: number;
  readonly labels: Int32Array | Float32Array;
  readonly loss: LossKind;
  /** [class]; undefined where all items count alike. */
  readonly classWeights: Float32Array | undefined;
  readonly dropoutSeed: number;
  readonly parameter: (name: string) => tf.Variable;
  /** Names of the parameters that learn. */
  readonly learning: readonly string[];
  /** No batch norm uses its batch's statistics, whatever learns. */
  readonly keepsStatistics: boolean;
  /** Called while the whole forward pass is in memory, and again with all gradients. */
  readonly onPeak: () => void;
}

export interface TrainingPass extends StepMetrics {
  /** L2 norm of all gradients together; not finite when any of them is not. */
  readonly gradientNorm: number;
  readonly gradients: ReadonlyMap<string, tf.Tensor>;
  readonly statistics: readonly RunningStatistics[];
  dispose(): void;
}

/** The caller disposes what comes back. */
export async function runTrainingPass(options: PassOptions): Promise<TrainingPass> {
  const statistics: RunningStatistics[] = [];
  const { verdict, gradients } = tf.tidy(() => {
    const { loss, correctCount, gradients } = computeGradients(options, statistics);
    options.onPeak();
    const verdict = tf.stack([loss, correctCount, ...gradients.map(sumOfSquares)]);
    correctCount.dispose();
    return { verdict, gradients };
  });
  const [loss, correctCount, ...squares] = await verdict.data();
  verdict.dispose();
  return {
    loss: loss as number,
    correctCount: correctCount as number,
    gradientNorm: Math.sqrt(squares.reduce((sum, square) => sum + square, 0)),
    gradients: new Map(options.learning.map((name, index) => [name, gradients[index] as tf.Tensor])),
    statistics,
    dispose() {
      tf.dispose(gradients);
      for (const { mean, variance } of statistics) tf.dispose([mean, variance]);
    },
  };
}

/**
 * Call inside a tidy. Gradients are in the order of `learning`; `correctCount` is kept, and so are the new running statistics
 * that are added to `statistics`.
 */
function computeGradients(
  options: PassOptions,
  statistics: RunningStatistics[],
): BatchOutcome & { gradients: tf.Tensor[] } {
  const { graph, parameter, learning } = options;
  const learns = new Set(learning);
  const variables = learning.map(parameter);
  const inputs = tf.tensor(options.inputs, [options.count, ...graph.inputShape]);
  const flows = findGradients(graph, learns);
  const mode = {
    flows,
    parameter,
    normMode: (batchNorm: string): NormMode => {
      const [learnsScale, learnsShift] = ['weight', 'bias'].map((part) => learns.has(`${batchNorm}.${part}`));
      if (learnsScale && !options.keepsStatistics) return 'batch';
      return learnsScale || learnsShift ? 'running' : 'frozen';
    },
    dropoutSeed: options.dropoutSeed,
    onStatistics: ({ name, mean, variance }: RunningStatistics) =>
      statistics.push({ name, mean: tf.keep(mean), variance: tf.keep(variance) }),
  };
  const border = runFrozen(graph, inputs, { ...mode, border: findBorder(graph, flows) });
  let correctCount: tf.Scalar | undefined;
  const { value: loss, grads } = tf.variableGrads(() => {
    const logits = runLearning(graph, border, mode);
    options.onPeak(); // What the forward pass made goes when it is over.
    const outcome = measureBatch(options.loss, logits as tf.Tensor2D, options.labels, options.classWeights);
    correctCount = tf.keep(outcome.correctCount); // The tape keeps nothing but the loss.
    return outcome.loss;
  }, variables);
  // Set above: variableGrads has called its function.
  return {
    loss,
    correctCount: correctCount as tf.Scalar,
    gradients: variables.map(({ name }) => grads[name] as tf.Tensor),
  };
}

/** Row sums first: one long float32 sum would lose digits. */
function sumOfSquares(gradient: tf.Tensor): tf.Scalar {
  return tf.sum(tf.sum(tf.square(gradient), -1));
}
