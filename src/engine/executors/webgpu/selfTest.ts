// A start-up test of an adapter: one training step and one inference of a tiny network with every kind of kernel, against the
// reference executor. Some drivers compute wrongly without saying so; their users must not train on that.

import { type Graph, GraphBuilder, sizeOf } from '../../graph/graph.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { counterRandom, hash } from '../../random.ts';
import type { Executor } from '../executor.ts';

/** Change it when kernels change: a passed test is remembered under it. */
export const SELF_TEST_VERSION = 1;

const NORM = { epsilon: 1e-3, momentum: 0.1 };
const BATCH = 3;
/** Single precision leaves about 1e-5 in such a small network; a wrong kernel is off by far more than this. */
const TOLERANCE = 2e-3;

function buildTestGraph(): Graph {
  const builder = new GraphBuilder([9, 9, 3]);
  const stem = builder.conv2d('stem', builder.input, { outChannels: 8, kernelSize: 3, stride: 2, padding: 1 });
  const active = builder.activation(builder.batchNorm('stemNorm', stem, NORM), 'relu6');
  const depthwise = builder.conv2d('depthwise', active, { outChannels: 8, kernelSize: 3, padding: 1, groups: 8 });
  const inner = builder.activation(builder.batchNorm('depthwiseNorm', depthwise, NORM), 'relu');
  const grouped = builder.conv2d('grouped', inner, { outChannels: 8, kernelSize: 3, padding: 1, groups: 2 });
  const sum = builder.addNodes(builder.batchNorm('groupedNorm', grouped, NORM), active);
  const pooled = builder.maxPool(builder.activation(sum, 'relu'), { kernelSize: 3, stride: 2, padding: 1 });
  builder.linear('last', builder.dropout(builder.concatPool(pooled), 0.25), 3);
  return builder.build();
}

interface TestResult {
  readonly what: string;
  readonly values: ArrayLike<number>;
}

/** Null when everything agrees; otherwise which of the results was wrong, and by how much. */
export async function findDisagreement(executor: Executor, reference: Executor): Promise<string | null> {
  const [actual, expected] = [await runTest(executor), await runTest(reference)];
  for (const [index, { what, values }] of expected.entries()) {
    const error = relativeError(actual[index]?.values ?? [], values);
    // Not "error > TOLERANCE": a NaN must not pass.
    if (!(error <= TOLERANCE))
      return `${what} off by ${Number.isNaN(error) ? 'more than a number says' : error.toPrecision(2)}`;
  }
  return null;
}

async function runTest(executor: Executor): Promise<readonly TestResult[]> {
  const graph = buildTestGraph();
  const names = graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
  const network = await executor.create(graph, { batchSize: BATCH, learning: names });
  try {
    network.writeParameters(
      new Map(
        graph.parameters.map(({ name, kind, shape }) => {
          const isAboutOne = kind === 'scale' || kind === 'runningVariance';
          return [name, spread(sizeOf(shape), hash(name), 0.4, isAboutOne ? 1 : 0)];
        }),
      ),
    );
    // The last item is missing: what is only padding must not show.
    const count = BATCH - 1;
    const batch = { count, inputs: spread(count * sizeOf(graph.inputShape), 1, 1, 0), labels: Int32Array.from([2, 0]) };
    await network.trainStep(batch, {
      groups: [{ names, learningRate: 0.1, weightDecay: 0.01 }],
      rule: LESSON_SGD,
      maxGradientNorm: 1,
      dropoutSeed: 7,
    });
    const metrics = await network.finishSteps();
    const parameters = await network.readParameters();
    const output = await network.infer(batch);
    return [
      { what: 'the loss is', values: metrics.map(({ loss }) => loss) },
      ...[...parameters].map(([name, values]) => ({ what: `${name} is`, values })),
      { what: 'the output is', values: output },
    ];
  } finally {
    network.dispose();
  }
}

function spread(count: number, seed: number, scale: number, offset: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => offset + scale * (counterRandom(seed, 0, i) / 2 ** 31 - 1));
}

/** Largest difference, relative to the largest value. */
function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.NaN;
  let error = 0;
  let largest = 0;
  for (let index = 0; index < expected.length; index++) {
    const difference = Math.abs((actual[index] as number) - (expected[index] as number));
    if (!Number.isFinite(difference)) return Number.NaN;
    error = Math.max(error, difference);
    largest = Math.max(largest, Math.abs(expected[index] as number));
  }
  return error / Math.max(largest, 1e-6);
}
