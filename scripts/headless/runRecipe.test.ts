// A recipe clicked through on a page that is made up: which steps are run, with what, and what is told of those that are not.

import { expect, test } from 'vitest';
import { type RecipeOptions, readRecipeOptions } from './recipeOptions.mjs';
import { runRecipe } from './runRecipe.mjs';
import { StudioFailure, type StudioPage } from './studioPage.mjs';

interface FakeStep {
  readonly id: string;
  readonly options: readonly string[];
  readonly whyNot?: string;
  /** What the page's form refuses. */
  readonly refused?: string;
}

const STEPS: readonly FakeStep[] = [
  { id: 'choose', options: ['imageSizePx', 'batchSize'] },
  { id: 'find', options: ['endRate', 'batchSize'] },
  { id: 'train', options: ['learningRate', 'batchSize'] },
  { id: 'grow', options: ['imageSizePx'] },
  { id: 'look', options: ['looks'], refused: 'looks=0' },
  { id: 'predict', options: ['looks'], whyNot: 'There are no test pictures.' },
];

/** Of whatever step runs, and whether the page would go on from it by itself. */
interface Break {
  readonly sentence: string;
  readonly goesOn: boolean;
}

/** Notes what is done to it; no step takes any time. */
function createPage(breaks: Break[] = []) {
  const set: string[] = [];
  const ran: string[] = [];
  let shown: FakeStep | undefined;
  const page = {
    page: { waitForTimeout: async () => {} },
    readBadge: async () => ({ backend: 'wasm', adapter: 'a test' }),
    chooseFolder: async (folder: string, tablePath: string | null) => void set.push(`${folder} ${tablePath}`),
    setSeed: async () => {},
    chooseRecipe: async () => {},
    readStepIds: async () => STEPS.map(({ id }) => id),
    select: async (stepId: string) => {
      shown = STEPS.find(({ id }) => id === stepId);
    },
    hasOption: async (optionId: string) => shown?.options.includes(optionId) ?? false,
    setOption: async (optionId: string, value: unknown) => {
      if (shown?.refused === `${optionId}=${value}`) throw new StudioFailure(`${optionId} ${value}: out of range.`);
      set.push(`${shown?.id}.${optionId}=${value}`);
    },
    whyNotRunnable: async (stepId: string) => STEPS.find(({ id }) => id === stepId)?.whyNot ?? null,
    startStep: async (stepId: string) => void ran.push(stepId),
    waitForEnd: async () => {
      if (breaks[0]) throw new StudioFailure(breaks[0].sentence);
      return 'done';
    },
    goOnAlone: async () => (breaks[0]?.goesOn ? (breaks.shift()?.sentence ?? null) : null),
    readLossRows: async () => [],
    readReading: async () => 'Done.',
    applyRecommendedRate: async () => 'Step 3: 1e-2',
  };
  // What runRecipe asks of a page, and no more.
  return { page: page as unknown as StudioPage, set, ran };
}

async function run(...args: readonly string[]) {
  return await runOn(createPage(), ...args);
}

async function runOn({ page, set, ran }: ReturnType<typeof createPage>, ...args: readonly string[]) {
  const options: RecipeOptions = readRecipeOptions(['--data', '.', '--out', 'r.json', ...args]);
  const told: string[] = [];
  const folder = { folder: 'pictures', tablePath: 'labels.csv', remove: () => {} };
  await runRecipe(page, folder, options, (line) => told.push(line));
  return { set: new Set(set), ran, told };
}

test('a step that waits for something that is not there is left out, and the page’s reason is told', async () => {
  const { ran, told } = await run();
  expect(ran).toEqual(['choose', 'find', 'train', 'grow', 'look']);
  expect(told).toContain('predict: left out. There are no test pictures.');
  expect(told).toContain('Step 3: 1e-2');
});

test('the table goes to the page with the folder, and a setting to every step that has it', async () => {
  const { set } = await run('--batch', '16', '--rate', '0.1');
  expect(set).toEqual(
    new Set([
      'pictures labels.csv',
      'choose.batchSize=16',
      'find.batchSize=16',
      'train.batchSize=16',
      'train.learningRate=0.1',
    ]),
  );
});

test('sizes go to the steps that set one, in turn, and one alone to the first', async () => {
  expect((await run('--size', '64,128')).set).toEqual(
    new Set(['pictures labels.csv', 'choose.imageSizePx=64', 'grow.imageSizePx=128']),
  );
  expect((await run('--size', '64')).set).not.toContain('grow.imageSizePx=64');
  await expect(run('--size', '1,2,3')).rejects.toThrow('sets the picture size 2 times, and --size gives 3');
});

test('the recipe ends after the step that was asked for', async () => {
  expect((await run('--stop-after', 'train')).ran).toEqual(['choose', 'find', 'train']);
  await expect(run('--stop-after', 'dance')).rejects.toThrow('no step named dance. It has: choose, find');
});

test('looks are given to the steps that take several; without any, a step that cannot do without is left out', async () => {
  expect((await run('--tta', '2')).set).toContain('look.looks=2');
  const { ran, set } = await run('--tta', '0');
  expect(ran).not.toContain('look');
  expect(set).toContain('predict.looks=0');
});

test('a step that broke goes on where the page would, and ends the recipe where a person has to decide', async () => {
  const full = { sentence: 'There was no memory left for batches of 8.', goesOn: true };
  const { ran, told } = await runOn(createPage([full, full]), '--stop-after', 'train');
  expect(ran).toEqual(['choose', 'find', 'train']);
  expect(told.filter((line) => line === `choose: ${full.sentence} It goes on.`)).toHaveLength(2);
  const exploded = { sentence: 'The loss stopped being a number.', goesOn: false };
  await expect(runOn(createPage([full, exploded]))).rejects.toThrow(exploded.sentence);
});
