// The whole engine in Node: folders in, three steps, events out; on wasm with the real network at its smallest size.

import { beforeEach, describe, expect, test } from 'vitest';
import type { BackendDescription, BackendName } from '../protocol/catalog.ts';
import type { CommandHandlers } from '../protocol/commands.ts';
import type { DroppedFile } from '../protocol/dataset.ts';
import { EngineError } from '../protocol/errors.ts';
import { createEventBatcher } from '../protocol/eventBatcher.ts';
import type { EngineEvent, EventOf } from '../protocol/events.ts';
import type { Executor } from './executors/executor.ts';
import { createReferenceExecutor } from './executors/reference/referenceExecutor.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from './platform/memory/memoryPlatform.ts';
import type { WeightsCard } from './platform/ports.ts';
import { createSession, type StartedBackend } from './session.ts';
import { useBackend } from './testing/backends.ts';
import { readBytes, readJson } from './testing/fixtures.ts';

const GO_ON = { aborted: false };
const SMALL = { imageSizePx: 32, batchSize: 8 };
const weights = createMemoryWeights(
  new Map([
    [
      'efficientnet-lite0',
      {
        card: readJson<WeightsCard>('public/weights/efficientnet-lite0.json'),
        bytes: readBytes('public/weights/efficientnet-lite0.safetensors'),
      },
    ],
  ]),
);

/** The reference executor, but its networks say that they hold this much from the beginning. */
function createExecutorOfSize(totalBytes: number): Executor {
  const executor = createReferenceExecutor();
  return {
    ...executor,
    create: async (graph, options) => {
      const network = await executor.create(graph, options);
      return Object.assign(network, {
        memory: { totalBytes, largestBufferBytes: totalBytes, allowedBufferBytes: 1e9 },
      });
    },
  };
}

let events: EngineEvent[] = [];
let session: CommandHandlers;
/** Reds and blues that differ a little from picture to picture. */
function twoColours(count: number): DroppedFile[] {
  return ['blue', 'red'].flatMap((className) =>
    Array.from({ length: count }, (_, index) => {
      const [strong, weak] = [255 - 4 * index, 6 * index];
      const rgb: [number, number, number] = className === 'red' ? [strong, weak, 30] : [30, weak, strong];
      return { path: `${className}/${index}.png`, file: makePictureFile({ widthPx: 40, heightPx: 30, rgb }) };
    }),
  );
}

const openColours = (count = 16) =>
  session.openDataset({ name: 'colours', files: twoColours(count), validationShare: 0.25, seed: 1 }, GO_ON);
const run = (stepId: string, settings: Record<string, number | string> = {}, signal = GO_ON, seed = 1) =>
  session.runStep({ recipeId: 'head', stepId, settings, seed }, signal);
const eventsOf = <T extends EngineEvent['type']>(type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);

useBackend('wasm');

function createTestSession(startBackend: () => Promise<StartedBackend>): CommandHandlers {
  let nowMs = 0;
  return createSession({
    platform: createMemoryPlatform(weights),
    events: createEventBatcher(
      (batch) => events.push(...batch),
      () => nowMs++,
      0,
    ),
    startBackend,
  });
}

async function startSession(executor: Executor) {
  session = createTestSession(async () => ({
    description: { backend: 'wasm', adapter: 'test', isHardwareGpu: false, ladder: [] },
    executor,
  }));
  await session.start({ backend: 'auto' }, GO_ON);
}

beforeEach(async () => {
  events = [];
  await startSession(createReferenceExecutor());
});

describe('a device that is lost', () => {
  test('fails the step, keeps what is there, and the next step computes with what the ladder gives then', async () => {
    const sentence = 'The graphics card was lost. Your pictures are kept. Run the step again.';
    let tell: (problem: 'lost', error: EngineError) => void = () => {};
    const lost: Executor = {
      ...createReferenceExecutor(),
      create: async () => {
        const error = new EngineError('deviceLost', sentence);
        tell('lost', error);
        throw error;
      },
    };
    const started: BackendDescription[] = ['webgpu', 'wasm'].map((backend) => ({
      backend: backend as BackendName,
      adapter: 'test',
      isHardwareGpu: backend === 'webgpu',
      ladder: [],
    }));
    const waiting = [...started];
    session = createTestSession(async () => {
      const description = waiting.shift() as BackendDescription;
      if (description.backend === 'wasm') return { description, executor: createReferenceExecutor() };
      return {
        description,
        executor: lost,
        onProblem: (listener) => {
          tell = listener;
        },
      };
    });
    expect(await session.start({ backend: 'auto' }, GO_ON)).toEqual(started[0]);
    await openColours(8);
    expect(await run('prepare', SMALL)).toEqual({ outcome: 'failed' });
    expect(eventsOf('deviceProblem')).toMatchObject([{ problem: 'lost', sentence }]);
    expect(eventsOf('stepEnded').at(-1)?.error).toEqual({ code: 'deviceLost', sentence });
    expect(eventsOf('backendChanged')).toEqual([]);

    expect(await run('prepare', SMALL)).toEqual({ outcome: 'done' });
    expect(eventsOf('backendChanged').map(({ backend }) => backend)).toEqual([started[1]]);
    expect(waiting).toEqual([]);
  });
});

describe('the three steps', () => {
  test('train a head that tells red from blue, and tell their story in events', async () => {
    const summary = await openColours();
    expect(summary.counts).toEqual([
      { className: 'blue', train: 12, valid: 4, test: 0 },
      { className: 'red', train: 12, valid: 4, test: 0 },
    ]);
    expect((await run('prepare', SMALL)).outcome).toBe('done');
    expect((await run('findRate', { batchSize: 8, iterations: 40 })).outcome).toBe('done');
    expect(eventsOf('lrPoint').length).toBeGreaterThan(12);
    expect((await run('trainHead', { batchSize: 8, epochs: 4 })).outcome).toBe('done');

    const rows = eventsOf('epochEnded').map(({ row }) => row);
    expect(rows.map(({ epoch }) => epoch)).toEqual([0, 1, 2, 3]);
    expect(rows.at(-1)?.score).toBe(1);
    expect(rows.at(-1)?.trainLoss as number).toBeLessThan(rows[0]?.trainLoss as number);
    const batches = eventsOf('batchEnded');
    expect(batches.map(({ iteration }) => iteration)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    // The row's train loss is the smoothed one of the epoch's last batch, and without cycles the rate stays.
    expect(rows.map(({ trainLoss }) => trainLoss)).toEqual([2, 5, 8, 11].map((last) => batches[last]?.smoothedLoss));
    expect(new Set(batches.map(({ learningRate }) => learningRate))).toEqual(new Set([0.01]));
    expect(eventsOf('confusion').at(-1)?.matrix.counts).toEqual([
      [4, 0],
      [0, 4],
    ]);
    expect(eventsOf('stepEnded').map(({ stepId, outcome }) => [stepId, outcome])).toEqual([
      ['prepare', 'done'],
      ['findRate', 'done'],
      ['trainHead', 'done'],
    ]);
    expect(eventsOf('stepEnded').every(({ memoryBytes }) => (memoryBytes as number) > 0)).toBe(true);
    expect(eventsOf('progress').at(-1)).toMatchObject({
      stepFraction: 1,
      epochs: { done: 4, total: 4 },
      batches: { done: 3, total: 3 },
    });
  });

  test('give the same numbers for the same seed and others for another', async () => {
    const train = async (seed: number) => {
      events = [];
      await openColours();
      await run('prepare', SMALL);
      await run('trainHead', { batchSize: 8, epochs: 2 }, GO_ON, seed);
      return eventsOf('epochEnded').map(({ row }) => row);
    };
    const first = await train(1);
    expect(await train(1)).toEqual(first);
    expect(await train(2)).not.toEqual(first);
  });

  test('compute features once: a second preparation with the same settings finds them', async () => {
    await openColours();
    await run('prepare', SMALL);
    events = [];
    await run('prepare', SMALL);
    expect(eventsOf('progress')).toEqual([]);
    expect(eventsOf('stepEnded')[0]?.reading).toContain('here already');
    events = [];
    await run('prepare', { ...SMALL, imageSizePx: 64 });
    expect(eventsOf('progress').length).toBeGreaterThan(0);
  });

  test('never reuse features of a preparation that was stopped half-way', async () => {
    await openColours();
    expect((await run('prepare', SMALL, { aborted: true })).outcome).toBe('stopped');
    expect((await run('trainHead')).outcome).toBe('failed');
    expect(eventsOf('stepEnded').at(-1)?.error?.code).toBe('preconditionMissing');
    events = [];
    await run('prepare', SMALL);
    expect(eventsOf('progress').length).toBeGreaterThan(0);
  });

  test('say how much memory they need on the graphics card, where that is known before', async () => {
    const labels = () => eventsOf('progress').map(({ label }) => label);
    await openColours(8);
    await run('prepare', SMALL);
    expect(labels().some((label) => label.startsWith('Needs'))).toBe(false);
    await startSession(createExecutorOfSize(54_000_000));
    await openColours(8);
    for (const [step, settings] of [
      ['prepare', SMALL],
      ['findRate', { batchSize: 8, iterations: 20 }],
      ['trainHead', { batchSize: 8, epochs: 1 }],
    ] as const) {
      events = [];
      await run(step, settings);
      expect(labels().some((label) => label.startsWith('Needs 54 MB on the graphics card'))).toBe(true);
    }
  });

  test('say what they would need of the device before they run, and nothing while another one does', async () => {
    const ask = (stepId: string, settings: Record<string, number | string> = {}) =>
      session.estimateStep({ recipeId: 'eight', stepId, settings }, GO_ON);
    expect((await ask('prepare')).bytes).toBeNull();
    await openColours();
    const few = await ask('prepare', { imageSizePx: 32, batchSize: 2 });
    const many = await ask('prepare', { imageSizePx: 32, batchSize: 16 });
    expect(many.bytes as number).toBeGreaterThan(few.bytes as number);
    expect(many.sentence).toMatch(
      /^Needs roughly \d+ MB in WebAssembly at these settings, estimated from its layers; a batch of 8 would need/,
    );
    expect((await ask('trainHead')).bytes).toBeNull();
    const running = run('prepare', SMALL);
    expect((await ask('prepare')).bytes).toBeNull();
    await running;
    expect((await ask('trainHead')).bytes as number).toBeGreaterThan(0);
    const frozen = (await ask('fineTune', { batchSize: 8 })).bytes as number;
    await session.runStep(
      { recipeId: 'eight', stepId: 'unfreeze', settings: { learns: 'everything' }, seed: 1 },
      GO_ON,
    );
    expect((await ask('fineTune', { batchSize: 8 })).bytes as number).toBeGreaterThan(1.3 * frozen);
    await expect(ask('prepare', { batchSize: 0 })).rejects.toMatchObject({ code: 'settingInvalid' });
    const ended = eventsOf('stepEnded').map(({ stepId }) => stepId);
    expect(ended).toEqual(['prepare', 'unfreeze']);
  });

  test('keep what is trained when training is stopped', async () => {
    await openColours();
    await run('prepare', SMALL);
    const signal = { aborted: false };
    const running = run('trainHead', { batchSize: 8, epochs: 400 }, signal);
    await expect.poll(() => eventsOf('epochEnded').length, { timeout: 30_000 }).toBeGreaterThan(0);
    signal.aborted = true;
    expect((await running).outcome).toBe('stopped');
    expect(eventsOf('confusion').length).toBe(1);
    expect(eventsOf('stepEnded').at(-1)?.reading).toContain('what was trained is kept');
    events = [];
    await run('trainHead', { batchSize: 8, epochs: 1, startFrom: 'trainedLayers' });
    const goneOn = eventsOf('batchEnded')[0]?.loss as number;
    events = [];
    await run('trainHead', { batchSize: 8, epochs: 1 });
    expect(goneOn).toBeLessThan(eventsOf('batchEnded')[0]?.loss as number);
  });

  test('stop when the loss is no number any more and say what to do', async () => {
    await openColours();
    await run('prepare', SMALL);
    const { outcome } = await run('trainHead', { batchSize: 8, epochs: 60, learningRate: 10, weightDecay: 1 });
    expect(outcome).toBe('failed');
    const ended = eventsOf('stepEnded').at(-1);
    expect(ended?.error?.code).toBe('lossNotFinite');
    expect(ended?.reading).toContain('rate ten times smaller');
  });
});

describe('what cannot be done', () => {
  test('is said in a sentence, and nothing runs', async () => {
    await expect(run('trainHead', { epochs: 0 })).rejects.toThrow('“Epochs” takes a whole number from 1 to 500, not 0');
    await expect(run('trainHead', { epochz: 1 })).rejects.toThrow('no setting called “epochz”');
    await expect(run('dance')).rejects.toThrow('no step “dance”');
    expect(events).toEqual([]);
    expect((await run('prepare')).outcome).toBe('failed');
    expect(eventsOf('stepEnded')[0]?.error?.code).toBe('preconditionMissing');
  });

  test('is refused while something else runs', async () => {
    await openColours();
    const running = run('prepare', SMALL);
    await expect(run('prepare', SMALL)).rejects.toMatchObject({ code: 'busy' });
    await running;
  });

  test('leaves the open data set as it was when a new folder cannot be used', async () => {
    await openColours();
    await expect(
      session.openDataset(
        { name: 'x', files: [{ path: 'only/1.png', file: new Blob([]) }], validationShare: 0.2, seed: 1 },
        GO_ON,
      ),
    ).rejects.toMatchObject({ code: 'datasetLayout' });
    expect((await session.splitDataset({ validationShare: 0.5, seed: 1 }, GO_ON)).counts[0]?.valid).toBe(8);
  });
});

describe('opening a folder', () => {
  test('sets bad files aside with a reason and goes on', async () => {
    const bad: DroppedFile[] = [
      { path: 'red/notes.jpg', file: new Blob(['not a picture at all']) },
      { path: 'red/empty.png', file: new Blob([]) },
      {
        path: 'red/cut.jpg',
        file: new Blob([new Uint8Array([0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0, 0xff, 0xda, 0, 2, 7])]),
      },
      { path: 'notes.txt', file: new Blob(['hello']) },
      { path: '.DS_Store', file: new Blob(['x']) },
    ];
    const summary = await session.openDataset(
      { name: 'colours', files: [...twoColours(8), ...bad], validationShare: 0.25, seed: 1 },
      GO_ON,
    );
    expect(summary.pictures.length).toBe(16);
    expect(summary.ignoredCount).toBe(1);
    const reasons = Object.fromEntries(summary.setAside.map(({ path, reason }) => [path, reason]));
    expect(reasons).toEqual({
      'notes.txt': 'noClass',
      'red/notes.jpg': 'notAPicture',
      'red/empty.png': 'empty',
      'red/cut.jpg': 'broken',
    });
    expect(eventsOf('datasetProgress').at(-1)?.files).toEqual({ done: 19, total: 19 });
  });

  test('can be stopped', async () => {
    await expect(
      session.openDataset({ name: 'x', files: twoColours(4), validationShare: 0.2, seed: 1 }, { aborted: true }),
    ).rejects.toMatchObject({ code: 'cancelled' });
  });

  test('gives every picture a place in the split, the same for the same seed', async () => {
    const first = await openColours(40);
    const second = await openColours(40);
    expect(second).toEqual(first);
    const other = await session.splitDataset({ validationShare: 0.25, seed: 2 }, GO_ON);
    expect(other.fingerprint).not.toBe(first.fingerprint);
    expect(other.counts).toEqual(first.counts);
  });
});

test('the catalogue describes the network and the eight steps with several looks and the test pictures behind them', async () => {
  const catalog = await session.describeCatalog({}, GO_ON);
  expect(catalog.backbones[0]).toMatchObject({ id: 'efficientnet-lite0', publishedTop1: 0.751 });
  const eight = catalog.recipes.find(({ id }) => id === 'eight');
  expect(eight?.steps.map(({ number }) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  // Each step needs one that stands before it.
  const ids = eight?.steps.map(({ id }) => id) ?? [];
  for (const { id, needs } of eight?.steps ?? []) {
    for (const need of needs) expect(ids.indexOf(need)).toBeLessThan(ids.indexOf(id));
  }
});

describe('the eight steps', () => {
  const runEight = (stepId: string, settings: Record<string, number | string> = {}, signal = GO_ON) =>
    session.runStep({ recipeId: 'eight', stepId, settings, seed: 1 }, signal);
  const rowsOf = (wanted: string) =>
    eventsOf('epochEnded')
      .filter(({ stepId }) => stepId === wanted)
      .map(({ row }) => row);
  const ratesOf = (wanted: string) =>
    eventsOf('batchEnded')
      .filter(({ stepId }) => stepId === wanted)
      .map(({ learningRate }) => learningRate);
  const readingOf = (wanted: string) => eventsOf('stepEnded').findLast(({ stepId }) => stepId === wanted)?.reading;
  const headSteps = async () => {
    await openColours(12);
    await runEight('prepare', SMALL);
    await runEight('trainHead', { batchSize: 8, epochs: 2 });
  };

  test('run through: changing pictures, unfreezing, rates, a sweep, cycles that lengthen', async () => {
    await headSteps();
    expect(await runEight('augment', { batchSize: 8, cycles: 2 })).toEqual({ outcome: 'done' });
    expect(rowsOf('augment').map(({ epoch }) => epoch)).toEqual([0, 1]);
    expect(await runEight('unfreeze')).toEqual({ outcome: 'done' });
    expect(readingOf('unfreeze')).toMatch(/^([\d,]+) of \1 parameters learn from now on/);
    expect(await runEight('rates', { laterDivisor: 3, earlyDivisor: 3 })).toEqual({ outcome: 'done' });
    expect(readingOf('rates')).toContain('early layers learn at 1/9 of the rate, the later ones at 1/3');
    expect(await runEight('findRateAgain', { batchSize: 8, iterations: 20, endRate: 0.1 })).toEqual({
      outcome: 'done',
    });
    expect(await runEight('fineTune', { batchSize: 8, learningRate: 1e-3, cycles: 2 })).toEqual({ outcome: 'done' });

    // Three batches an epoch, one epoch and then two; the first batch of all is the warm-up's.
    const rates = ratesOf('fineTune');
    expect(rates).toHaveLength(9);
    expect(rates[0]).toBeCloseTo(1e-5, 8);
    expect(rates[3]).toBeCloseTo(1e-3, 8);
    expect(rates[6]).toBeCloseTo(5e-4, 8);
    expect(eventsOf('confusion').findLast(({ stepId }) => stepId === 'fineTune')?.accuracy.count).toBe(6);
  });

  test('end with several looks at each picture, beside the plain one and the average of the cycles', async () => {
    await headSteps();
    const rowsOfResults = (wanted: string) => eventsOf('resultRow').filter(({ stepId }) => stepId === wanted);
    expect(rowsOfResults('trainHead').map(({ label }) => label)).toEqual(['Plain']);
    await runEight('unfreeze');
    await runEight('fineTune', { batchSize: 8, learningRate: 1e-3, cycles: 3, cycleMultiplier: 1, averagedCycles: 2 });
    expect(rowsOfResults('fineTune').map(({ label }) => label)).toEqual(['Plain', 'Average of cycles 2 to 3']);
    expect(readingOf('fineTune')).toContain('The average of the last cycles gets ');
    const diagnosed = eventsOf('fitDiagnosed').findLast(({ stepId }) => stepId === 'fineTune')?.diagnosis;
    expect(readingOf('fineTune')).toContain(diagnosed?.sentence);

    expect(await runEight('tta', { looks: 2, batchSize: 4 })).toEqual({ outcome: 'done' });
    const [plain, together] = rowsOfResults('tta');
    expect([plain?.label, together?.label]).toEqual(['Plain', 'Plain and 2 changed looks, mean']);
    // The whole network as it was trained, seen plainly: what the training said of it.
    expect(plain?.score).toEqual(rowsOfResults('fineTune')[0]?.score);
    expect(plain?.logLoss).toBeCloseTo(rowsOfResults('fineTune')[0]?.logLoss as number, 4);
    const confusion = eventsOf('confusion').at(-1);
    expect(confusion?.stepId).toBe('tta');
    expect(together?.score).toMatchObject({ kind: 'accuracy', accuracy: confusion?.accuracy });
    expect(confusion?.classes.map(({ support }) => support)).toEqual([3, 3]);
    expect(confusion?.galleries.topLosses).toHaveLength(6);
    expect(readingOf('tta')).toMatch(/^Plainly \d of 6 .* together with 2 changed looks \d: /);

    // Same seed, same looks; another rule, another result of the same looks.
    await runEight('tta', { looks: 2, batchSize: 4 });
    expect(rowsOfResults('tta')[3]?.logLoss).toBe(together?.logLoss);
    await runEight('tta', { looks: 2, batchSize: 4, rule: 'weighted' });
    expect(rowsOfResults('tta')[5]?.logLoss).not.toBe(together?.logLoss);
  });

  test('look at pictures several times only once something was trained, and keep nothing of a stop', async () => {
    await openColours(4);
    await runEight('prepare', SMALL);
    await runEight('tta');
    expect(readingOf('tta')).toContain('Nothing has been trained yet');
    await runEight('trainHead', { batchSize: 4, epochs: 1 });
    expect(await runEight('tta', {}, { aborted: true })).toEqual({ outcome: 'stopped' });
    expect(eventsOf('confusion').filter(({ stepId }) => stepId === 'tta')).toEqual([]);
  });

  test('do what their preview said, which answers while another step runs', async () => {
    await headSteps();
    const settings = { batchSize: 8, cycles: 2, cycleMultiplier: 2 };
    const running = runEight('trainHead', { batchSize: 8, epochs: 1 });
    const preview = await session.previewSchedule({ recipeId: 'eight', stepId: 'augment', settings }, GO_ON);
    await running;
    await runEight('augment', settings);
    expect(eventsOf('schedulePlanned').at(-1)).toMatchObject({ stepId: 'augment', plan: preview });
    expect(preview?.cycles.map(({ end }) => end)).toEqual([3, 9]);
    expect(ratesOf('augment')).toEqual(preview?.points.map(({ learningRate }) => learningRate));
  });

  test('step 4 leaves the network frozen though step 5 has unfrozen it', async () => {
    await headSteps();
    await runEight('unfreeze');
    expect(await runEight('augment', { batchSize: 8, cycles: 1 })).toEqual({ outcome: 'done' });
    // Had the body been trained, the features of step 1 would be of no use any more.
    expect(await runEight('trainHead', { batchSize: 8, epochs: 1 })).toEqual({ outcome: 'done' });
  });

  test('keep the weights of the most accurate epoch where that is asked for', async () => {
    await headSteps();
    // A rate that is far too large: what the last epoch ends with is not the best.
    const settings = { batchSize: 8, epochs: 6, learningRate: 2, keptWeights: 'best' };
    expect(await runEight('trainHead', settings)).toEqual({ outcome: 'done' });
    const rows = rowsOf('trainHead').slice(-6);
    const numbersOf = ({ score, validLoss }: (typeof rows)[number]) =>
      [score as number, -(validLoss as number)] as const;
    const isBetter = (b: readonly [number, number], a: readonly [number, number]) =>
      b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]);
    const best = rows.reduce((a, b) => (isBetter(numbersOf(b), numbersOf(a)) ? b : a));
    const result = eventsOf('confusion').findLast(({ stepId }) => stepId === 'trainHead');
    expect(result?.accuracy.accuracy).toBe(best.score);
    expect(readingOf('trainHead')).toContain(`The weights are those of epoch ${best.epoch}`);
  });

  test('do not start without a network', async () => {
    await openColours(4);
    await runEight('augment', { batchSize: 4 });
    expect(eventsOf('stepEnded').at(-1)?.error?.code).toBe('preconditionMissing');
    expect(readingOf('augment')).toContain('Run step 1');
  });

  test('train on features again only after they were computed by the network as it is now', async () => {
    await headSteps();
    await runEight('unfreeze', { learns: 'laterLayers' });
    await runEight('fineTune', { batchSize: 8, learningRate: 1e-3, cycles: 1 });
    expect(await runEight('trainHead', { batchSize: 8, epochs: 1 })).toEqual({ outcome: 'failed' });
    expect(readingOf('trainHead')).toContain('Run step 1');

    expect(await runEight('prepare', SMALL)).toEqual({ outcome: 'done' });
    expect(readingOf('prepare')).toContain('is now a list of features');
    expect(await runEight('trainHead', { batchSize: 8, epochs: 1 })).toEqual({ outcome: 'done' });
  });

  test('say that they were stopped while pictures were read, and change nothing', async () => {
    await headSteps();
    expect(await runEight('augment', { batchSize: 8 }, { aborted: true })).toEqual({ outcome: 'stopped' });
    expect(readingOf('augment')).toContain('Nothing was trained');
  });
});

test('the five steps run on pictures alone', async () => {
  const runFive = (stepId: string, settings: Record<string, number | string> = {}) =>
    session.runStep({ recipeId: 'five', stepId, settings, seed: 1 }, GO_ON);
  await openColours(8);
  expect(await runFive('choose', { imageSizePx: 32 })).toEqual({ outcome: 'done' });
  expect(await runFive('findRateFirst', { batchSize: 8, iterations: 20 })).toEqual({ outcome: 'done' });
  expect(await runFive('augment', { batchSize: 8, cycles: 1, startFrom: 'newLayers' })).toEqual({ outcome: 'done' });
  expect(eventsOf('epochEnded').map(({ stepId }) => stepId)).toEqual(['augment']);
  expect(await runFive('tta', { looks: 1, augmentation: 'none' })).toEqual({ outcome: 'done' });
  const eight = await session.runStep({ recipeId: 'eight', stepId: 'trainHead', settings: {}, seed: 1 }, GO_ON);
  expect(eight).toEqual({ outcome: 'failed' });
});

describe('how the network sees pictures', () => {
  const preview = (settingsByStep = {}) =>
    session.previewAugmentation(
      {
        ...{ recipeId: 'eight', stepId: 'augment', settings: {}, settingsByStep, pictureNumber: 0, seed: 1 },
        lookCount: 2,
      },
      GO_ON,
    );

  test('is told when it changes, and a saved model brings its own back', async () => {
    await openColours(8);
    await run('prepare', { ...SMALL, square: 'squashed' });
    await run('prepare', { ...SMALL, square: 'squashed' });
    await run('trainHead', { batchSize: 8, epochs: 1 });
    const file = new Blob([(await session.saveModel({ name: 'squashed' }, GO_ON)).bytes]);
    await run('prepare', SMALL);
    const { sentence } = await session.loadModel({ file }, GO_ON);
    expect(sentence).toContain('at 32 px, squashed whole to squares');
    expect(eventsOf('networkInput').map(({ imageSizePx, square }) => [imageSizePx, square])).toEqual([
      [32, 'squashed'],
      [32, 'centreSquare'],
      [32, 'squashed'],
    ]);
    // The features at hand are those of cut pictures.
    expect(await run('trainHead', { batchSize: 8, epochs: 1 })).toEqual({ outcome: 'failed' });
    expect(await preview()).toMatchObject({ sizePx: 32, square: 'squashed' });
  });

  test('can be looked at before any step, and neither waits for a step nor holds one up', async () => {
    await expect(preview()).rejects.toThrow('There are no pictures yet');
    await openColours(8);
    expect(await preview({ prepare: { imageSizePx: 48 } })).toMatchObject({ sizePx: 48, square: 'centreSquare' });
    const looked = preview({ prepare: SMALL });
    const running = run('prepare', SMALL);
    expect((await preview({ prepare: SMALL })).looks).toHaveLength(2);
    expect((await looked).looks).toHaveLength(2);
    expect(await running).toEqual({ outcome: 'done' });
    await expect(
      session.previewAugmentation(
        {
          ...{ recipeId: 'eight', stepId: 'nowhere', settings: {}, settingsByStep: {}, pictureNumber: 0, seed: 1 },
          lookCount: 2,
        },
        GO_ON,
      ),
    ).rejects.toThrow('There is no step “nowhere”');
  });
});

test('the breeds go on with larger pictures where the small ones ended, and their features do not come along', async () => {
  const runBreeds = (stepId: string, settings: Record<string, number | string> = {}) =>
    session.runStep({ recipeId: 'breeds', stepId, settings, seed: 1 }, GO_ON);
  const rowsOf = (wanted: string) =>
    eventsOf('epochEnded').flatMap(({ stepId, row }) => (stepId === wanted ? [row] : []));
  await openColours(12);
  await runBreeds('prepare', SMALL);
  await runBreeds('trainHead', { batchSize: 8, epochs: 4 });
  await runBreeds('augment', { batchSize: 8, cycles: 1 });
  const before = (await session.saveModel({ name: 'x' }, GO_ON)).bytes;
  expect(await runBreeds('grow', { imageSizePx: 48 })).toEqual({ outcome: 'done' });
  expect(eventsOf('stepEnded').at(-1)?.reading).toContain('The pictures go from 32 px to 48 px.');
  const after = (await session.saveModel({ name: 'x' }, GO_ON)).bytes;
  // The file says the size in two digits at its beginning; every weight behind that is the same to the bit.
  expect([...after.keys()].filter((place) => after[place] !== before[place])).toHaveLength(2);
  expect(after.length).toBe(before.length);

  expect(await runBreeds('trainHead', { batchSize: 8, epochs: 1 })).toEqual({ outcome: 'failed' });
  expect(await runBreeds('augmentLarger', { batchSize: 8, cycles: 1, learningRate: 1e-6 })).toEqual({
    outcome: 'done',
  });
  expect(eventsOf('finderOutdated').at(-1)?.reasons).toBeDefined();
  const [small, larger] = [rowsOf('augment').at(-1), rowsOf('augmentLarger').at(-1)];
  // Trained layers go on: new ones would begin near ln 2.
  expect(larger?.validLoss as number).toBeLessThan(0.3 + (small?.validLoss as number));
  expect(await runBreeds('tta', { looks: 1 })).toEqual({ outcome: 'done' });
  expect(await runBreeds('prepare', SMALL)).toEqual({ outcome: 'done' });
  expect(eventsOf('stepEnded').at(-1)?.reading).toContain('here already');
});

describe('a saved model', () => {
  const runHead = (stepId: string, settings: Record<string, number | string>) =>
    session.runStep({ recipeId: 'head', stepId, settings, seed: 1 }, GO_ON);
  const save = async () => new Blob([(await session.saveModel({ name: '32_lastlayer' }, GO_ON)).bytes]);
  const lastLoss = () => eventsOf('epochEnded').at(-1)?.row.validLoss as number;
  const trainOn = () =>
    runHead('trainHead', { batchSize: 8, epochs: 1, learningRate: 1e-7, startFrom: 'trainedLayers' });

  test('goes on in a new session where it was saved, with the features that are there or computed anew', async () => {
    await openColours(8);
    await runHead('prepare', SMALL);
    await runHead('trainHead', { batchSize: 8, epochs: 4 });
    const file = await save();
    await trainOn();
    const expected = lastLoss();
    // New layers in between, and back: the features of step 1 are still the right ones.
    await runHead('trainHead', { batchSize: 8, epochs: 1 });
    await session.loadModel({ file }, GO_ON);
    await trainOn();
    expect(lastLoss()).toBe(expected);

    await startSession(createReferenceExecutor());
    await openColours(8);
    const { sentence } = await session.loadModel({ file }, GO_ON);
    expect(sentence).toContain('Opened “32_lastlayer”: the new layers, EfficientNet-Lite0 at 32 px');
    await runHead('prepare', SMALL);
    await trainOn();
    expect(lastLoss()).toBe(expected);
  });

  test('is refused where its classes are others, and nothing changes', async () => {
    await openColours(8);
    await runHead('prepare', SMALL);
    await runHead('trainHead', { batchSize: 8, epochs: 1 });
    const file = await save();
    const others = twoColours(8).map(({ path, file }) => ({ path: path.replace('red', 'green'), file }));
    await session.openDataset({ name: 'others', files: others, validationShare: 0.25, seed: 1 }, GO_ON);
    await expect(session.loadModel({ file }, GO_ON)).rejects.toThrow(
      'the open pictures lack “red”, and the model does not know “green”',
    );
    await expect(session.saveModel({ name: 'x' }, GO_ON)).rejects.toThrow('Nothing has been trained yet');
  });
});

describe('pictures with tags', () => {
  /** Pictures with a bright left half, a bright upper half, both, or neither; tagged so. */
  function halves(): DroppedFile[] {
    const side = 40;
    const pictures = Array.from({ length: 32 }, (_, index) => {
      const [isLeft, isUpper] = [index % 2 === 1, index % 4 >= 2];
      const rgb: [number, number, number] = [isLeft ? 240 - index : 15, 40, isUpper ? 235 - index : 20];
      const tags = [...(isLeft ? ['red'] : []), ...(isUpper ? ['blue'] : [])];
      return { name: `${index}`, tags, file: makePictureFile({ widthPx: side, heightPx: side, rgb }) };
    });
    const table = ['id,tags', ...pictures.map(({ name, tags }) => `${name},${tags.join(' ')}`)].join('\n');
    return [
      { path: 'labels.csv', file: new Blob([table]) },
      ...pictures.map(({ name, file }) => ({ path: `train/${name}.png`, file })),
    ];
  }
  const openHalves = () =>
    session.openDataset({ name: 'halves', files: halves(), validationShare: 0.25, seed: 1 }, GO_ON);
  const runEight = (stepId: string, settings: Record<string, number | string | boolean> = {}) =>
    session.runStep({ recipeId: 'eight', stepId, settings, seed: 1 }, GO_ON);

  test('are learnt with a loss for each tag, and judged by F2, plainly and by several looks', async () => {
    const { classes } = await openHalves();
    expect(classes).toEqual(['blue', 'red']);
    await runEight('prepare', SMALL);
    expect(await runEight('findRate', { batchSize: 8, iterations: 20 })).toEqual({ outcome: 'done' });
    expect(await runEight('trainHead', { batchSize: 8, epochs: 12 })).toEqual({ outcome: 'done' });
    const rows = eventsOf('epochEnded').map(({ row }) => row);
    expect(rows.at(-1)?.validLoss as number).toBeLessThan(rows[0]?.validLoss as number);
    expect(eventsOf('confusion')).toEqual([]);
    const judged = eventsOf('tagsJudged').at(-1);
    // F2 of a picture without a tag is 0 by the lesson's rule, so of 8 pictures with some without it cannot be 1.
    const withTags = judged?.predictions.filter(({ trueTags }) => trueTags.length > 0).length as number;
    expect(judged?.score.f2).toBeCloseTo(withTags / 8, 6);
    expect(judged?.score.f2).toBe(rows.at(-1)?.score);
    expect(judged?.score.tagAccuracy).toBeGreaterThan(0.9);
    expect(judged?.predictions).toHaveLength(8);
    expect(judged?.reports.map(({ recall }) => recall)).toEqual([1, 1]);
    expect(eventsOf('resultRow').at(-1)).toMatchObject({ label: 'Plain', score: judged?.score });
    expect(eventsOf('stepEnded').at(-1)?.reading).toMatch(/^Over 8 validation pictures the F2 is 0\.\d{3}, with a tag/);

    expect(await runEight('tta', { looks: 1, batchSize: 8 })).toEqual({ outcome: 'done' });
    expect(eventsOf('resultRow').slice(-2)).toMatchObject([
      // The network on pictures says what the head said of its features.
      { label: 'Plain', score: { kind: 'f2', f2: judged?.score.f2 } },
      { label: 'Plain and 1 changed look, mean', score: { kind: 'f2' } },
    ]);
  });

  test('can be neither repeated nor weighed class by class', async () => {
    await openHalves();
    await runEight('prepare', SMALL);
    for (const rareClasses of ['repeat', 'weigh']) {
      expect(await runEight('trainHead', { batchSize: 8, rareClasses })).toEqual({ outcome: 'failed' });
      expect(eventsOf('stepEnded').at(-1)?.reading).toContain(`to ${rareClasses} a picture for a rare tag would bring`);
    }
  });

  test('are not what a model of one class each is for', async () => {
    await openColours(4);
    await runEight('prepare', SMALL);
    await runEight('trainHead', { batchSize: 4, epochs: 1 });
    const { bytes } = await session.saveModel({ name: 'colours' }, GO_ON);
    await openHalves();
    await expect(session.loadModel({ file: new Blob([bytes]) }, GO_ON)).rejects.toThrow(
      'trained for one class for each picture, and the open pictures have tags',
    );
  });
});

describe('a training on all the data', () => {
  const runEight = (stepId: string, settings: Record<string, number | string> = {}) =>
    session.runStep({ recipeId: 'eight', stepId, settings, seed: 1 }, GO_ON);

  test('learns from every picture, tells no validation, and claims nothing', async () => {
    await openColours(8);
    await session.splitDataset({ validationShare: 0.25, seed: 1, usesAll: true }, GO_ON);
    await runEight('prepare', SMALL);
    expect(await runEight('findRate', { batchSize: 4, iterations: 20 })).toEqual({ outcome: 'done' });
    const settings = { batchSize: 4, epochs: 2, keptWeights: 'best' };
    expect(await runEight('trainHead', settings)).toEqual({ outcome: 'done' });
    expect(eventsOf('batchEnded')).toHaveLength(8);
    expect(eventsOf('epochEnded').map(({ row }) => [row.epoch, row.validLoss, row.score])).toEqual([
      [0, null, null],
      [1, null, null],
    ]);
    expect(await runEight('augment', { batchSize: 8, cycles: 1 })).toEqual({ outcome: 'done' });
    for (const type of ['resultRow', 'confusion', 'fitDiagnosed'] as const) expect(eventsOf(type)).toEqual([]);
    expect(eventsOf('stepEnded').at(-1)?.reading).toContain('learnt from, 16 an epoch');
    expect(eventsOf('stepEnded').at(-1)?.reading).toContain('nobody knows how good the network is');
    expect(await runEight('tta')).toEqual({ outcome: 'failed' });
    expect(eventsOf('stepEnded').at(-1)?.reading).toContain('there is none to judge');
    expect((await session.saveModel({ name: 'all' }, GO_ON)).bytes.length).toBeGreaterThan(1000);
  });
});
