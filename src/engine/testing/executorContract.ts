// What executors/executor.ts promises, as tests that any executor can be put through: a test file calls
// describeExecutorContract inside its own set-up. Values are compared with PyTorch elsewhere (trainingParity.ts).

import { describe, expect, test } from 'vitest';
import type { Executor, LabelledBatch, Network, NetworkOptions } from '../executors/executor.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { DEFAULT_ADAMW, LESSON_SGD, type UpdateRule } from '../optimizers/optimizer.ts';
import { dropoutFactor } from '../random.ts';
import {
  CLASSES,
  createNetwork,
  FEATURES,
  formulaParameters,
  learnedNames,
  makeBatch,
  stepWith,
} from './contractNetwork.ts';
import { formulaValues, largestRelativeError } from './formula.ts';

type MakeExecutor = () => Executor;

async function expectSameParameters(actual: Network, expected: Network): Promise<void> {
  const [values, truths] = [await actual.readParameters(), await expected.readParameters()];
  for (const [name, truth] of truths) {
    expect(largestRelativeError(values.get(name) as Float32Array, truth), name).toBeLessThan(1e-5);
  }
}

/** Call inside a describe whose backend or device is set up. */
export function describeExecutorContract(makeExecutor: MakeExecutor): void {
  describe('a step', () => describeSteps(makeExecutor));
  describe.each([
    ['SGD', LESSON_SGD],
    ['AdamW', DEFAULT_ADAMW],
  ] as const)('under %s, a step that is not finite', (_, rule) => describeBadSteps(makeExecutor, rule));
  describe.each([
    ['SGD', LESSON_SGD],
    ['AdamW', DEFAULT_ADAMW],
  ] as const)('the state of a network under %s', (_, rule) => describeState(makeExecutor, rule));
  describe('class weights', () => describeClassWeights(makeExecutor));
  describe('dropout', () => describeDropout(makeExecutor));
}

function describeSteps(makeExecutor: MakeExecutor): void {
  test('with fewer items than the network was made for is computed exactly', async () => {
    const executor = makeExecutor();
    const [roomy, tight] = [await createNetwork(executor), await createNetwork(executor, { batchSize: 3 })];
    for (const network of [roomy, tight]) {
      for (const salt of [1, 2]) await network.trainStep(makeBatch(3, salt), stepWith());
    }
    await expectSameParameters(roomy, tight);
    const metrics = [await roomy.finishSteps(), await tight.finishSteps()].map((steps) =>
      steps.map(({ loss }) => loss),
    );
    expect(largestRelativeError(metrics[0] as number[], metrics[1] as number[])).toBeLessThan(1e-5);
    const outputs = [await roomy.infer(makeBatch(2, 5)), await tight.infer(makeBatch(2, 5))];
    expect(outputs[0]?.length).toBe(2 * CLASSES);
    expect(largestRelativeError(outputs[0] as Float32Array, outputs[1] as Float32Array)).toBeLessThan(1e-5);
    for (const network of [roomy, tight]) network.dispose();
  });

  test('tells its loss once, in the order of the steps', async () => {
    const network = await createNetwork(makeExecutor());
    const taken = [];
    for (const salt of [1, 2, 3, 4, 5]) {
      await network.trainStep(makeBatch(8, salt), stepWith());
      taken.push(...network.takeMetrics());
    }
    taken.push(...(await network.finishSteps()));
    expect(await network.finishSteps()).toEqual([]);
    network.writeParameters(formulaParameters(network.graph));
    network.resetOptimizer();
    const again = [];
    for (const salt of [1, 2, 3, 4, 5]) {
      await network.trainStep(makeBatch(8, salt), stepWith());
      again.push(...(await network.finishSteps()));
    }
    expect(taken.length).toBe(5);
    expect(taken).toEqual(again);
    network.dispose();
  });

  test.each([
    ['SGD’s velocity', LESSON_SGD],
    ['AdamW’s averages and count', DEFAULT_ADAMW],
  ] as const)('of a new fit starts without the last one’s state: %s', async (_, rule) => {
    const network = await createNetwork(makeExecutor());
    const fitOnce = async () => {
      network.writeParameters(formulaParameters(network.graph));
      for (const salt of [1, 2]) await network.trainStep(makeBatch(8, salt), stepWith(rule));
      return [...((await network.readParameters()).get('first.weight') as Float32Array)];
    };
    const first = await fitOnce();
    const carriedOn = await fitOnce();
    network.resetOptimizer();
    expect(await fitOnce()).toEqual(first);
    expect(carriedOn).not.toEqual(first);
    network.dispose();
  });

  test('leaves what does not learn as it was, statistics included, and the rest moves', async () => {
    const learning = ['last.weight', 'last.bias'];
    const network = await createNetwork(makeExecutor(), { learning });
    const before = formulaParameters(network.graph);
    await network.trainStep(makeBatch(8), stepWith(LESSON_SGD, learning));
    for (const [name, value] of await network.readParameters()) {
      const isSame = value.every((number, index) => number === (before.get(name) as Float32Array)[index]);
      expect(isSame, name).toBe(!learning.includes(name));
    }
    network.dispose();
  });

  test('is followed by inferences that see it, several at once as one by one', async () => {
    const network = await createNetwork(makeExecutor());
    const before = await network.infer(makeBatch(8));
    await network.trainStep(makeBatch(8), stepWith());
    const together = await Promise.all([1, 2, 3].map((salt) => network.infer(makeBatch(4, salt))));
    for (const [index, output] of together.entries())
      expect(await network.infer(makeBatch(4, index + 1))).toEqual(output);
    expect(await network.infer(makeBatch(8))).not.toEqual(before);
    network.dispose();
  });
}

function describeBadSteps(makeExecutor: MakeExecutor, rule: UpdateRule): void {
  const poisoned = (): LabelledBatch => ({ ...makeBatch(8), inputs: new Float32Array(8 * FEATURES).fill(Number.NaN) });

  test('changes nothing, neither do later ones, and after new weights the fit goes on as if it had not been', async () => {
    const executor = makeExecutor();
    const [network, spared] = [await createNetwork(executor), await createNetwork(executor)];
    for (const each of [network, spared]) await each.trainStep(makeBatch(8, 1), stepWith(rule));
    await network.trainStep(poisoned(), stepWith(rule));
    await network.trainStep(makeBatch(8, 2), stepWith(rule));
    const losses = (await network.finishSteps()).map(({ loss }) => loss);
    expect(losses.map(Number.isFinite)).toEqual([true, false, false]);
    await expectSameParameters(network, spared);
    network.writeParameters(await network.readParameters());
    for (const each of [network, spared]) await each.trainStep(makeBatch(8, 3), stepWith(rule));
    await expectSameParameters(network, spared);
    expect(Number.isFinite((await network.finishSteps())[0]?.loss)).toBe(true);
    for (const each of [network, spared]) each.dispose();
  });

  test('is one whose gradient overflows too, though its loss is a number', async () => {
    const builder = new GraphBuilder([2]);
    builder.linear('last', builder.linear('first', builder.input, 2), 2);
    const graph = builder.build();
    const names = learnedNames(graph);
    const network = await makeExecutor().create(graph, { batchSize: 2, learning: names });
    // The first layer gives 0, so the loss is ln 2; its gradient is about 1e30 * 1e30.
    const last = Float32Array.from([1e30, 0, 0, 1e30]);
    network.writeParameters(new Map([['last.weight', last]]));
    const batch = { count: 2, inputs: new Float32Array(4).fill(1e30), labels: Int32Array.from([0, 1]) };
    await network.trainStep({ ...batch, labels: Int32Array.from([0, 0]) }, stepWith(rule, names));
    expect((await network.finishSteps())[0]?.loss).toBeNaN();
    const values = await network.readParameters();
    expect([...(values.get('last.weight') as Float32Array)]).toEqual([...last]);
    for (const name of ['first.weight', 'first.bias', 'last.bias']) {
      expect(
        values.get(name)?.every((value) => value === 0),
        name,
      ).toBe(true);
    }
    network.dispose();
  });
}

function describeState(makeExecutor: MakeExecutor, rule: UpdateRule): void {
  const stepsOf = async (network: Network, salts: readonly number[]) => {
    for (const salt of salts) await network.trainStep(makeBatch(8, salt), stepWith(rule));
  };
  const plainOf = async (network: Network) => {
    const { parameters, optimizer } = await network.readState();
    return [parameters, optimizer.velocities, optimizer.squares].map((values) =>
      [...values].map(([name, value]) => [name, [...value]]),
    );
  };

  test('is all that its next steps depend on: another that takes it goes on bit by bit', async () => {
    const executor = makeExecutor();
    const [network, heir] = [await createNetwork(executor), await createNetwork(executor)];
    await stepsOf(network, [1, 2, 3]);
    await stepsOf(heir, [7]); // Its own past must not show.
    heir.writeState(await network.readState());
    await network.finishSteps();
    await heir.finishSteps();
    for (const each of [network, heir]) await stepsOf(each, [4, 5]);
    expect(await heir.finishSteps()).toEqual(await network.finishSteps());
    expect(await plainOf(heir)).toEqual(await plainOf(network));
    expect(await heir.infer(makeBatch(8))).toEqual(await network.infer(makeBatch(8)));
    for (const each of [network, heir]) each.dispose();
  });

  test('counts the steps and names the parameters that learn', async () => {
    const learning = ['last.weight', 'last.bias'];
    const network = await createNetwork(makeExecutor(), { learning });
    for (const salt of [1, 2]) await network.trainStep(makeBatch(8, salt), stepWith(rule, learning));
    const { parameters, optimizer } = await network.readState();
    expect(optimizer.stepCount).toBe(2);
    expect([...optimizer.velocities.keys()].sort()).toEqual([...learning].sort());
    expect([...optimizer.squares.keys()].sort()).toEqual(rule.kind === 'adamW' ? [...learning].sort() : []);
    expect([...parameters.keys()]).toEqual(network.graph.parameters.map(({ name }) => name));
    network.dispose();
  });

  test('is of the moment when it was asked for, whatever steps follow before it is there', async () => {
    const network = await createNetwork(makeExecutor());
    await stepsOf(network, [1, 2]);
    const before = await plainOf(network);
    const asked = network.readState();
    await stepsOf(network, [3, 4]);
    const { parameters, optimizer } = await asked;
    const found = [parameters, optimizer.velocities, optimizer.squares].map((values) =>
      [...values].map(([name, value]) => [name, [...value]]),
    );
    expect(found).toEqual(before);
    network.dispose();
  });

  test('that does not fit is refused, and nothing of it is taken', async () => {
    const network = await createNetwork(makeExecutor());
    await stepsOf(network, [1]);
    const before = await plainOf(network);
    const state = await network.readState();
    const wrong = new Map([['first.weight', new Float32Array(3)]]);
    const parameters = new Map([...state.parameters].map(([name, value]) => [name, value.map((one) => one + 1)]));
    for (const optimizer of [
      { ...state.optimizer, velocities: wrong },
      { ...state.optimizer, squares: wrong },
    ]) {
      expect(() => network.writeState({ parameters, optimizer })).toThrow(RangeError);
    }
    expect(() => network.writeState({ ...state, parameters: wrong })).toThrow(RangeError);
    expect(await plainOf(network)).toEqual(before);
    network.dispose();
  });
}

function describeClassWeights(makeExecutor: MakeExecutor): void {
  const classWeights = Float32Array.from([0.5, 1, 3]);
  const labels = Int32Array.from([0, 0, 1, 2, 0]);
  const [count, features] = [labels.length, CLASSES];
  const builder = new GraphBuilder([features]);
  builder.linear('last', builder.input, CLASSES);
  const graph = builder.build();
  const inputs = formulaValues(count * features, 1);
  const weight = formulaValues(features * CLASSES, 3);
  const names = ['last.weight', 'last.bias'];
  const step = { ...stepWith(), groups: [{ names, learningRate: 1, weightDecay: 0 }] };

  /** With room for more items than come. */
  async function createLinear(options: Partial<NetworkOptions> = {}): Promise<Network> {
    const network = await makeExecutor().create(graph, { batchSize: 8, learning: names, classWeights, ...options });
    network.writeParameters(new Map([['last.weight', weight]]));
    return network;
  }

  /** sum(w l) / sum(w) in plain numbers, and minus its gradient at the biases: where a step of rate 1 takes them from 0. */
  function expectedStep(weights: readonly number[]): { loss: number; bias: number[]; correctCount: number } {
    const total = weights.reduce((sum, itemWeight) => sum + itemWeight, 0);
    const bias = new Array<number>(CLASSES).fill(0);
    let [loss, correctCount] = [0, 0];
    for (const [item, label] of labels.entries()) {
      const logits = bias.map((_, output) =>
        inputs
          .subarray(item * features, (item + 1) * features)
          .reduce((sum, input, feature) => sum + input * (weight[feature * CLASSES + output] as number), 0),
      );
      const share = (weights[item] as number) / total;
      const sum = logits.reduce((added, logit) => added + Math.exp(logit), 0);
      loss += share * (Math.log(sum) - (logits[label] as number));
      correctCount += logits.indexOf(Math.max(...logits)) === label ? 1 : 0;
      for (const [output, logit] of logits.entries()) {
        bias[output] = (bias[output] as number) + share * ((output === label ? 1 : 0) - Math.exp(logit) / sum);
      }
    }
    return { loss, bias, correctCount };
  }

  test.each([
    ['of 0.5, 1 and 3', { classWeights }, [0.5, 0.5, 1, 3, 0.5]],
    ['of which one is 0', { classWeights: Float32Array.from([0, 1, 3]) }, [0, 0, 1, 3, 0]],
  ] as const)(
    '%s: a step’s loss and gradient are their weighted means, and every item counts once as right',
    async (_, options, weights) => {
      const network = await createLinear(options);
      await network.trainStep({ count, inputs, labels }, step);
      const { loss, bias, correctCount } = expectedStep(weights);
      const [metrics] = await network.finishSteps();
      expect(metrics?.loss).toBeCloseTo(loss, 5);
      expect(metrics?.correctCount).toBe(correctCount);
      const found = (await network.readParameters()).get('last.bias') as Float32Array;
      expect(largestRelativeError(found, bias)).toBeLessThan(1e-5);
      network.dispose();
    },
  );

  test('that are equal train as none do, and twice the weights as the weights', async () => {
    const trained = async (options: Partial<NetworkOptions>) => {
      const network = await createNetwork(makeExecutor(), options);
      for (const salt of [1, 2]) await network.trainStep(makeBatch(7, salt), stepWith());
      const losses = (await network.finishSteps()).map(({ loss }) => loss);
      return { network, losses };
    };
    const pairs: [Partial<NetworkOptions>, Partial<NetworkOptions>][] = [
      [{ classWeights: new Float32Array(CLASSES).fill(2) }, {}],
      [{ classWeights: classWeights.map((value) => 2 * value) }, { classWeights }],
    ];
    for (const [left, right] of pairs) {
      const [actual, expected] = [await trained(left), await trained(right)];
      expect(largestRelativeError(actual.losses, expected.losses)).toBeLessThan(1e-5);
      await expectSameParameters(actual.network, expected.network);
      for (const { network } of [actual, expected]) network.dispose();
    }
  });

  test('change nothing of what is inferred', async () => {
    const [weighted, plain] = [
      await createNetwork(makeExecutor(), { classWeights }),
      await createNetwork(makeExecutor()),
    ];
    expect(await weighted.infer(makeBatch(8))).toEqual(await plain.infer(makeBatch(8)));
    for (const network of [weighted, plain]) network.dispose();
  });
}

/** Of the only dropout layer there is. */
const ONLY_STREAM = 0;

function describeDropout(makeExecutor: MakeExecutor): void {
  const [rate, count, features] = [0.5, 4, 5];
  const builder = new GraphBuilder([features]);
  builder.linear('last', builder.dropout(builder.input, rate), 2);
  const graph = builder.build();
  const weight = formulaValues(features * 2, 3);
  const batch = { count, inputs: formulaValues(count * features, 1), labels: Int32Array.from([0, 1, 1, 0]) };

  /** Cross-entropy of the linear layer on inputs times dropoutFactor, in plain numbers. */
  function expectedLoss(seed: number): number {
    let sum = 0;
    for (let item = 0; item < count; item++) {
      const logits = [0, 0];
      for (let feature = 0; feature < features; feature++) {
        const at = item * features + feature;
        const value = (batch.inputs[at] as number) * dropoutFactor(seed, ONLY_STREAM, at, rate);
        for (const output of [0, 1])
          logits[output] = (logits[output] as number) + value * (weight[feature * 2 + output] as number);
      }
      const label = batch.labels[item] as number;
      sum += Math.log(logits.reduce((total, logit) => total + Math.exp(logit), 0)) - (logits[label] as number);
    }
    return sum / count;
  }

  test('drops the elements that dropoutFactor names, the same for the same seed, and none in inference', async () => {
    const names = learnedNames(graph);
    const network = await makeExecutor().create(graph, { batchSize: count, learning: names });
    network.writeParameters(new Map([['last.weight', weight]]));
    const still = { names, learningRate: 0, weightDecay: 0 };
    const seeds = [1, 1, 2, 4_000_000_000];
    for (const dropoutSeed of seeds) {
      await network.trainStep(batch, { ...stepWith(), groups: [still], dropoutSeed });
    }
    const losses = (await network.finishSteps()).map(({ loss }) => loss);
    expect(largestRelativeError(losses, seeds.map(expectedLoss))).toBeLessThan(1e-5);
    expect(losses[1]).toBe(losses[0]);
    expect(losses[2]).not.toBe(losses[0]);
    const output = await network.infer(batch);
    expect(output[0]).toBeCloseTo(
      batch.inputs.subarray(0, features).reduce((sum, x, i) => sum + x * (weight[2 * i] as number), 0),
      5,
    );
    network.dispose();
  });
}
