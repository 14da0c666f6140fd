// A test folder from opening to the file that is handed in: on wasm with the real network at its smallest size.

import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandHandlers } from '../protocol/commands.ts';
import type { DroppedFile } from '../protocol/dataset.ts';
import { EngineError } from '../protocol/errors.ts';
import { createEventBatcher } from '../protocol/eventBatcher.ts';
import type { EngineEvent, EventOf } from '../protocol/events.ts';
import type { SubmissionForm } from '../protocol/submission.ts';
import { createReferenceExecutor } from './executors/reference/referenceExecutor.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from './platform/memory/memoryPlatform.ts';
import type { WeightsCard } from './platform/ports.ts';
import { createSession } from './session.ts';
import { useBackend } from './testing/backends.ts';
import { readBytes, readJson } from './testing/fixtures.ts';

const GO_ON = { aborted: false };
const FEW = { looks: 2, batchSize: 4 };
const COLUMNS: SubmissionForm = { kind: 'shape', shape: 'probabilities', idForm: 'name', isVerbatim: false };
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

/** What a picture of the test folder is, by its name. */
const TRUTH: Readonly<Record<string, string>> = { a: 'red', b: 'blue', c: 'red', d: 'blue', e: 'red' };

function drawn(path: string, className: string, index: number): DroppedFile {
  const [strong, weak] = [255 - 4 * index, 6 * index];
  const rgb: [number, number, number] = className === 'red' ? [strong, weak, 30] : [30, weak, strong];
  return { path, file: makePictureFile({ widthPx: 40, heightPx: 30, rgb }) };
}

const classFolders = ['blue', 'red'].flatMap((className) =>
  Array.from({ length: 12 }, (_, index) => drawn(`${className}/${index}.png`, className, index)),
);
const testFolder = Object.entries(TRUTH).map(([name, className], index) =>
  drawn(`test/${name}.png`, className, index + 2),
);

let events: EngineEvent[] = [];
let session: CommandHandlers;
/** Files that do not open any more. */
let moved: Set<Blob>;
/** Picture stores that were made and not given back. */
let openStores: number;

const eventsOf = <T extends EngineEvent['type']>(type: T) =>
  events.filter((event): event is EventOf<T> => event.type === type);
const predicted = () => eventsOf('testPredicted').at(-1) as EventOf<'testPredicted'>;
const readingOf = (wanted: string) => eventsOf('stepEnded').findLast(({ stepId }) => stepId === wanted)?.reading;
const open = (files: readonly DroppedFile[] = [...classFolders, ...testFolder]) =>
  session.openDataset({ name: 'colours', files, validationShare: 0.25, seed: 1 }, GO_ON);
const run = (stepId: string, settings: Record<string, number | string> = {}, signal = GO_ON) =>
  session.runStep({ recipeId: 'head', stepId, settings, seed: 1 }, signal);
const write = (form: SubmissionForm = COLUMNS, thresholds: readonly number[] | null = null) =>
  session.writeSubmission({ form, thresholds }, GO_ON);
const trained = async (files?: readonly DroppedFile[]) => {
  const opened = await open(files);
  await run('prepare', { imageSizePx: 32, batchSize: 8 });
  await run('trainHead', { batchSize: 8, epochs: 4 });
  return opened;
};
/** Of each row of the event, its most probable class. */
const saidOf = ({ classes, pictureIds, probabilities }: EventOf<'testPredicted'>) =>
  pictureIds.map((_, row) => {
    const own = probabilities.slice(row * classes.length, (row + 1) * classes.length);
    return classes[own.indexOf(Math.max(...own))];
  });

useBackend('wasm');

beforeEach(async () => {
  events = [];
  moved = new Set();
  openStores = 0;
  let nowMs = 0;
  const platform = createMemoryPlatform(weights);
  const { decoder } = platform;
  const executor = createReferenceExecutor();
  session = createSession({
    platform: {
      ...platform,
      decoder: {
        ...decoder,
        decodeWhole: async (file, sizePx) => {
          if (moved.has(file)) throw new EngineError('pictureUnreadable', 'The picture was moved.');
          return decoder.decodeWhole(file, sizePx);
        },
      },
    },
    events: createEventBatcher(
      (batch) => events.push(...batch),
      () => nowMs++,
      0,
    ),
    startBackend: async () => ({
      description: { backend: 'wasm', adapter: 'test', isHardwareGpu: false, ladder: [] },
      executor: {
        ...executor,
        createPictureStore: (options) => {
          const store = executor.createPictureStore(options);
          const dispose = store.dispose.bind(store);
          openStores += 1;
          return Object.assign(store, {
            dispose: () => {
              openStores -= 1;
              dispose();
            },
          });
        },
      },
    }),
  });
  await session.start({ backend: 'auto' }, GO_ON);
});

describe('the test pictures', () => {
  test('are predicted by what is trained so far, plainly or with several looks, and written', async () => {
    await trained();
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'done' });
    const { label, classes, probabilities, lostPictureIds } = predicted();
    expect([label, classes, lostPictureIds]).toEqual(['Plain and 2 changed looks, mean', ['blue', 'red'], []]);
    expect(saidOf(predicted())).toEqual(Object.values(TRUTH));
    for (let row = 0; row < 5; row++) {
      expect((probabilities[2 * row] as number) + (probabilities[2 * row + 1] as number)).toBeCloseTo(1, 5);
    }
    expect(readingOf('predictTest')).toContain('Each of the 5 test pictures has its prediction');
    expect(openStores).toBe(0);

    const { text, problems, notes, fileName } = await write();
    expect([problems, notes, fileName]).toEqual([[], [], 'colours-probabilities.csv']);
    const rows = text
      .trim()
      .split('\n')
      .map((line) => line.split(','));
    expect(rows[0]).toEqual(['id', 'blue', 'red']);
    expect(rows.slice(1).map(([id]) => id)).toEqual(Object.keys(TRUTH));
    rows.slice(1).forEach(([, blue], row) => {
      expect(Number(blue)).toBeCloseTo(probabilities[2 * row] as number, 5);
    });

    await run('predictTest', { ...FEW, looks: 0 });
    expect(predicted().label).toBe('Plain');
    expect(predicted().probabilities).not.toEqual(probabilities);
    expect(await write()).toMatchObject({ problems: [] });
    await expect(write({ ...COLUMNS, shape: 'tags' })).rejects.toThrow('there are no tags to write');
    await expect(write(COLUMNS, [0.5, 0.5])).rejects.toThrow('Only tags take thresholds');
  });

  test('are scored where class folders inside the test folder say what they are', async () => {
    const folders = [
      ...testFolder,
      ...['e', 'f', 'g'].map((name, index) => drawn(`test/blue/${name}.png`, 'blue', index + 4)),
      drawn('test/blue/h.png', 'red', 3),
    ];
    const dataset = await trained([...classFolders, ...folders]);
    await run('predictTest', { ...FEW, looks: 0 });
    const { known, pictureIds, probabilities } = predicted();
    expect(pictureIds).toHaveLength(9);
    expect(known?.accuracy).toMatchObject({ accuracy: 0.75, correctCount: 3, count: 4 });
    const losses = pictureIds.flatMap((id, row) =>
      dataset.pictures[id]?.classIndices ? [-Math.log(probabilities[2 * row] as number)] : [],
    );
    expect(losses).toHaveLength(4);
    expect(known?.logLoss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 4, 3);
    expect(readingOf('predictTest')).toContain(
      'by the folders they lie in, of the 4 in class folders 3 are right: 75.0 %.',
    );

    await trained();
    await run('predictTest', { ...FEW, looks: 0 });
    expect(predicted().known).toBeNull();
    expect(readingOf('predictTest')).toContain('whether it is right, nobody here knows');
  });

  test('follow a sample, whose rows are in another order', async () => {
    await trained();
    await run('predictTest', FEW);
    const file = new Blob(['file;label\r\n', ...['e', 'd', 'c', 'b', 'a'].map((id) => `${id}.png;blue\r\n`)]);
    const submission = await write({ kind: 'sample', file });
    expect(submission).toMatchObject({ problems: [], fileName: 'colours-submission.csv' });
    expect(submission.text).toBe('file;label\r\ne.png;red\r\nd.png;blue\r\nc.png;red\r\nb.png;blue\r\na.png;red\r\n');
    expect(submission.notes[0]).toContain('The most probable class of each picture; ids with the ending');
    await expect(write({ kind: 'sample', file: new Blob(['']) })).rejects.toThrow('no rows to follow');
  });

  test('are looked at by each kept cycle of a training, as the validation pictures are', async () => {
    const runEight = (stepId: string, settings: Record<string, number | string> = {}) =>
      session.runStep({ recipeId: 'eight', stepId, settings, seed: 1 }, GO_ON);
    const rowsOf = (wanted: string) => eventsOf('resultRow').filter(({ stepId }) => stepId === wanted);
    await trained();
    expect(await run('predictTest', { ...FEW, whatLooks: 'cycles' })).toEqual({ outcome: 'failed' });
    expect(readingOf('predictTest')).toContain('run a training of several cycles first');
    await runEight('augment', { batchSize: 8, cycles: 2, cycleMultiplier: 1, averagedCycles: 2 });
    await runEight('tta', { looks: 1, batchSize: 4, whatLooks: 'cycles' });
    const average = rowsOf('augment').find(({ label }) => label === 'Average of cycles 1 to 2');
    const [plain, together] = rowsOf('tta');
    expect(plain?.label).toBe('Plain, average of 2 cycles');
    expect(plain?.logLoss).toBeCloseTo(average?.logLoss as number, 4);
    expect(together?.label).toBe('Plain and 1 changed look, mean, average of 2 cycles');

    expect(await runEight('predictTest', { ...FEW, looks: 0, whatLooks: 'cycles' })).toEqual({ outcome: 'done' });
    expect(predicted().label).toBe('Plain, average of 2 cycles');
    const byCycles = predicted().probabilities;
    expect(saidOf(predicted())).toEqual(Object.values(TRUTH));
    await runEight('predictTest', { ...FEW, looks: 0 });
    expect(predicted().probabilities).not.toEqual(byCycles);
  });

  test('add up to 1 whatever the rule', async () => {
    await trained();
    await run('predictTest', { ...FEW, rule: 'logMean' });
    expect(saidOf(predicted())).toEqual(Object.values(TRUTH));
    expect((await write()).problems).toEqual([]);
  });

  test('that no longer open are named, and missed in the file', async () => {
    await trained();
    moved.add(testFolder[1]?.file as Blob);
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'done' });
    expect(predicted().pictureIds).toHaveLength(4);
    expect(predicted().lostPictureIds).toHaveLength(1);
    expect(saidOf(predicted())).toEqual(['red', 'red', 'blue', 'red']);
    expect(readingOf('predictTest')).toContain('1 no longer opens and has none (test/b.png)');
    expect((await write()).problems).toEqual(['Ids are missing: b.']);

    for (const { file } of testFolder) moved.add(file);
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'failed' });
    expect(readingOf('predictTest')).toContain('None of the test pictures can be read any more');
  });

  test('are not predicted before something is trained, without a test folder, or by half', async () => {
    await expect(write()).rejects.toThrow('There are no predictions of test pictures to write yet');
    await open();
    await run('prepare', { imageSizePx: 32, batchSize: 8 });
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'failed' });
    expect(readingOf('predictTest')).toContain('Nothing has been trained yet');
    await run('trainHead', { batchSize: 8, epochs: 1 });
    await run('predictTest', FEW);
    const before = await write();
    expect(await run('predictTest', FEW, { aborted: true })).toEqual({ outcome: 'stopped' });
    expect(eventsOf('testPredicted')).toHaveLength(1);
    expect(await write()).toEqual(before);

    await trained(classFolders);
    await expect(write()).rejects.toThrow('There are no predictions');
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'failed' });
    expect(readingOf('predictTest')).toBe(
      'There is no test folder in these pictures; drop a folder with `test` beside `train`.',
    );
  });

  test('are learnt from by nobody when everything is', async () => {
    await open();
    await session.splitDataset({ validationShare: 0.25, seed: 1, usesAll: true }, GO_ON);
    await run('prepare', { imageSizePx: 32, batchSize: 8 });
    await run('trainHead', { batchSize: 8, epochs: 4 });
    expect(await run('predictTest', { ...FEW, looks: 0 })).toEqual({ outcome: 'done' });
    expect(saidOf(predicted())).toEqual(Object.values(TRUTH));
  });

  test('may have tags', async () => {
    const rows = classFolders.map(({ path }, index) => `${path},${path.split('/')[0]}${index % 2 ? ' odd' : ''}`);
    const pictures = classFolders.map(({ path, file }) => ({ path: `train/${path.replace('/', '_')}`, file }));
    const table = new Blob([`id,tags\n${rows.map((row) => row.replace('/', '_')).join('\n')}`]);
    await trained([{ path: 'labels.csv', file: table }, ...pictures, ...testFolder]);
    expect(await run('predictTest', FEW)).toEqual({ outcome: 'done' });
    const tags: SubmissionForm = { ...COLUMNS, shape: 'tags' };
    const { text, problems } = await write(tags, [0.5, 0.99, 0.5]);
    expect(problems).toEqual([]);
    expect(text).toBe('id,tags\na,red\nb,blue\nc,red\nd,blue\ne,red\n');
    expect((await write(COLUMNS, [0.5, 0.5, 0.5])).problems).toEqual([]);
    await expect(write(tags)).rejects.toThrow('Each of the 3 tags takes a threshold');
  });
});
