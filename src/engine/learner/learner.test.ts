import { describe, expect, test } from 'vitest';
import type { InputBatch, LabelledBatch, Network, StepMetrics, TrainStepOptions } from '../executors/executor.ts';
import { GraphBuilder } from '../graph/graph.ts';
import { DEFAULT_ADAMW, LESSON_SGD, momentumOf, type UpdateRule } from '../optimizers/optimizer.ts';
import { createRandom } from '../random.ts';
import type { Callback, FitView } from './callback.ts';
import { fit, inferAll, LOSS_NOT_FINITE, STOPPED_BY_PERSON } from './learner.ts';
import { createSmoothing } from './smoothing.ts';
import type { TrainingData, ValidationData } from './trainingData.ts';

const BATCHES_PER_EPOCH = 4;

/** Four batches of two items each; their labels say which one it is. */
const train: TrainingData = {
  itemCount: 8,
  batchesPerEpoch: BATCHES_PER_EPOCH,
  largestBatch: 2,
  batchesAfter: (itemCount) => BATCHES_PER_EPOCH - itemCount / 2,
  *epoch() {
    for (let batch = 0; batch < BATCHES_PER_EPOCH; batch++) yield makeBatch(batch);
  },
};

function makeBatch(batch: number): LabelledBatch {
  return { count: 2, inputs: Float32Array.from([batch, batch]), labels: Int32Array.from([0, 1]) };
}

const NO_MOMENTUM = { stepCount: 0, velocities: new Map(), squares: new Map() };

/** A network that only keeps a diary. Its losses are step numbers, and arrive when `lag` more steps have been given. */
class DiaryNetwork implements Network {
  readonly graph = makeGraph();
  readonly memory = null;
  readonly keepsStatistics = false;
  readonly steps: TrainStepOptions[] = [];
  readonly diary: string[] = [];
  private readonly lossOf: (step: number) => number;
  private readonly lag: number;
  private given = 0;

  constructor({ lag = 0, lossOf = (step: number) => step }: { lag?: number; lossOf?: (step: number) => number } = {}) {
    this.lag = lag;
    this.lossOf = lossOf;
  }

  async trainStep(_: LabelledBatch, options: TrainStepOptions): Promise<void> {
    this.diary.push('step started');
    await Promise.resolve();
    this.diary.push('step');
    this.steps.push(options);
  }

  takeMetrics(): readonly StepMetrics[] {
    return this.metricsUpTo(this.steps.length - this.lag);
  }

  async finishSteps(): Promise<readonly StepMetrics[]> {
    this.diary.push('finish');
    return this.metricsUpTo(this.steps.length);
  }

  resetOptimizer(): void {
    this.diary.push('reset');
  }

  async infer({ count }: InputBatch): Promise<Float32Array> {
    return new Float32Array(count * 2).fill(0);
  }

  writeParameters(): void {}
  async readParameters() {
    return new Map<string, Float32Array>();
  }
  async readState() {
    this.diary.push('state');
    return { parameters: await this.readParameters(), optimizer: NO_MOMENTUM };
  }
  writeState(): void {
    this.diary.push('state written');
  }
  dispose(): void {}

  private metricsUpTo(end: number): StepMetrics[] {
    const metrics: StepMetrics[] = [];
    for (; this.given < end; this.given++) metrics.push({ loss: this.lossOf(this.given), correctCount: 0 });
    return metrics;
  }
}

function makeGraph() {
  const builder = new GraphBuilder([1]);
  builder.linear('last', builder.input, 2);
  return builder.build();
}

function start(
  network: Network,
  callbacks: Callback[],
  more: { rule?: UpdateRule; signal?: { aborted: boolean }; valid?: ValidationData } = {},
) {
  return fit(
    {
      network,
      groups: [
        { names: ['last.weight'], learningRate: 0.1, weightDecay: 0 },
        { names: ['last.bias'], learningRate: 1, weightDecay: 0.5 },
      ],
      rule: more.rule ?? LESSON_SGD,
      maxGradientNorm: 2,
    },
    {
      train,
      valid: more.valid ?? {
        targets: { kind: 'oneClass', values: Int32Array.from([0, 1, 0]), classCount: 2 },
        batches: () => [{ count: 3, inputs: new Float32Array(3) }],
      },
      epochCount: 2,
      shuffleRandom: createRandom(1, 'shuffle'),
      dropoutRandom: createRandom(1, 'dropout'),
      callbacks,
      signal: more.signal ?? { aborted: false },
    },
  );
}

const record = (seen: FitView[]): Callback => ({ batchEnded: (view) => void seen.push(view) });

describe('losses', () => {
  test.each([0, 1, 3])('reach the callbacks in order with their own batch’s rates, %i steps late', async (lag) => {
    const seen: FitView[] = [];
    const halve: Callback = { batchStarted: ({ batch }, control) => control.setRateFactor(1 / 2 ** batch) };
    await start(new DiaryNetwork({ lag }), [halve, record(seen)]);
    expect(seen.map(({ loss }) => loss)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map(({ batch }) => batch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(seen.map(({ epoch }) => epoch)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
    expect(seen.map(({ rates }) => rates[1])).toEqual([0, 1, 2, 3, 4, 5, 6, 7].map((batch) => 1 / 2 ** batch));
  });

  test('are waited for at the end of an epoch only, and a step only after the one before', async () => {
    const network = new DiaryNetwork({ lag: 2 });
    await start(network, []);
    const epoch = [...Array(BATCHES_PER_EPOCH).fill(['step started', 'step']).flat(), 'finish'];
    expect(network.diary).toEqual(['reset', 'finish', ...epoch, ...epoch]);
  });

  test('are smoothed over the whole fit: an epoch ends with the average of all batches so far and begins no new one', async () => {
    const seen: FitView[] = [];
    const atEpochEnds: number[] = [];
    const epochs: Callback = { epochEnded: ({ smoothedLoss }) => void atEpochEnds.push(smoothedLoss) };
    await start(new DiaryNetwork({ lag: 1 }), [record(seen), epochs]);
    const smoothing = createSmoothing();
    const expected = [0, 1, 2, 3, 4, 5, 6, 7].map((loss) => smoothing.add(loss));
    expect(seen.map(({ smoothedLoss }) => smoothedLoss)).toEqual(expected);
    expect(atEpochEnds).toEqual([expected[3], expected[7]]);
  });

  test('that a broken fit left behind are not told by the next', async () => {
    const network = new DiaryNetwork({ lag: 2 });
    const broken: Callback = {
      batchEnded() {
        throw new Error('drawing failed');
      },
    };
    await expect(start(network, [broken])).rejects.toThrow('drawing failed');
    const given = network.steps.length;
    const seen: FitView[] = [];
    await start(network, [record(seen)]);
    expect(seen[0]).toMatchObject({ batch: 0, loss: given });
    expect(seen.length).toBe(8);
  });
});

test('every validation item counts alike, however few its batch holds', async () => {
  const network = new DiaryNetwork();
  // Sixteen items that cost 1 each, after 64 of 0.25; the former are mistaken, the latter not.
  const logitsOf = (loss: number) => [0, Math.log(Math.exp(loss) - 1)];
  network.infer = async ({ count }) =>
    Float32Array.from(Array.from({ length: count }, () => logitsOf(count === 64 ? 0.25 : 1)).flat());
  const judged: [loss: number, score: number][] = [];
  const judge: Callback = { epochEnded: ({ valid }) => void (valid && judged.push([valid.loss, valid.score])) };
  await start(network, [judge], {
    valid: {
      targets: { kind: 'oneClass', values: new Int32Array(80), classCount: 2 },
      batches: () => [64, 16].map((count) => ({ count, inputs: new Float32Array(count) })),
    },
  });
  // The mean of the two batches' means would be 0.625 and a half.
  expect(judged[0]?.[0]).toBeCloseTo(0.4, 6);
  expect(judged[0]?.[1]).toBe(0.8);
});

describe('a fit ends', () => {
  test('when a loss is no number, and tells nothing that ran after it', async () => {
    const network = new DiaryNetwork({ lag: 2, lossOf: (step) => (step < 2 ? step : Number.NaN) });
    const seen: FitView[] = [];
    let validated = 0;
    const { stopReason } = await start(network, [record(seen), { epochEnded: () => void validated++ }]);
    expect(stopReason).toBe(LOSS_NOT_FINITE);
    expect(seen.map(({ loss }) => loss)).toEqual([0, 1, Number.NaN]);
    expect(validated).toBe(0);
  });

  test('when a callback says so, with what the fit then does not tell', async () => {
    const network = new DiaryNetwork({ lag: 1 });
    const seen: FitView[] = [];
    const stopper: Callback = { batchEnded: ({ batch }, control) => batch === 1 && control.stop('enough') };
    const { stopReason } = await start(network, [record(seen), stopper]);
    expect(stopReason).toBe('enough');
    expect(seen.map(({ batch }) => batch)).toEqual([0, 1]);
    expect(network.diary.at(-1)).toBe('finish');
  });

  test('after the batch that runs when the person stops it, and that batch is still told', async () => {
    const signal = { aborted: false };
    const network = new DiaryNetwork({ lag: 3 });
    const seen: FitView[] = [];
    const stopper: Callback = {
      batchStarted({ batch }) {
        signal.aborted = batch === 2;
      },
    };
    const { stopReason } = await start(network, [stopper, record(seen)], { signal });
    expect(stopReason).toBe(STOPPED_BY_PERSON);
    expect(seen.map(({ loss }) => loss)).toEqual([0, 1, 2]);
  });
});

describe('every step is given', () => {
  test('the groups at their rates, the limit of the gradient and a dropout seed of its own', async () => {
    const network = new DiaryNetwork();
    await start(network, []);
    expect(network.steps[0]).toMatchObject({
      groups: [
        { names: ['last.weight'], learningRate: 0.1, weightDecay: 0 },
        { names: ['last.bias'], learningRate: 1, weightDecay: 0.5 },
      ],
      rule: LESSON_SGD,
      maxGradientNorm: 2,
    });
    expect(new Set(network.steps.map(({ dropoutSeed }) => dropoutSeed)).size).toBe(8);
  });

  test.each([
    ['SGD’s momentum', LESSON_SGD],
    ['AdamW’s first beta', DEFAULT_ADAMW],
  ])('the momentum that a schedule sets, as %s', async (_, rule) => {
    const network = new DiaryNetwork();
    const seen: FitView[] = [];
    const follow: Callback = {
      batchStarted: ({ batch }, control) => batch > 0 && control.setMomentum(0.9 - batch / 100),
    };
    await start(network, [follow, record(seen)], { rule });
    const expected = [0.9, 0.89, 0.88, 0.87, 0.86, 0.85, 0.84, 0.83];
    for (const [batch, momentum] of expected.entries()) {
      const given = network.steps[batch]?.rule as UpdateRule;
      expect(momentumOf(given)).toBeCloseTo(momentum, 12);
      expect({ ...given, ...rule }).toEqual(rule);
      expect(seen[batch]?.momentum).toBeCloseTo(momentum, 12);
    }
  });
});

test('logits of a set stand in its order', async () => {
  const network = new DiaryNetwork();
  network.infer = async (batch) => ('inputs' in batch ? Float32Array.from(batch.inputs, (x) => x) : new Float32Array());
  const batches = [
    { count: 2, inputs: Float32Array.from([1, 2, 3, 4]) },
    { count: 1, inputs: Float32Array.from([5, 6]) },
  ];
  const logits = await inferAll(network, {
    targets: { kind: 'oneClass', values: new Int32Array(3), classCount: 2 },
    batches: () => batches,
  });
  expect([...logits]).toEqual([1, 2, 3, 4, 5, 6]);
});
