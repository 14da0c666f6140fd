// What the person of a round does, and what comes of it when nothing happens: the truth that every other log is held against.

import type { EngineEvent } from '../../../protocol/events.ts';
import type { SettingValues } from '../../../protocol/recipe.ts';
import { sha256Of } from '../../sha256.ts';
import { GO_ON, makeColours, startTestSession, type TestSession } from '../testSession.ts';
import { openDevice } from './device.ts';
import { Disk, openDisk } from './disk.ts';
import { Life, type LifePlan } from './life.ts';
import { openLifeStore } from './lifeStore.ts';
import { TINY, tinyWeights } from './tinyNetwork.ts';

export interface StoryStep {
  readonly stepId: string;
  readonly settings: SettingValues;
}

export interface Story {
  readonly name: string;
  readonly steps: readonly StoryStep[];
}

/** Everything that a step tells and that does not depend on a clock. */
export interface Tale {
  readonly settings: string;
  readonly batches: readonly string[];
  readonly rows: readonly string[];
  readonly results: readonly string[];
}

/** A story without any fault. */
export interface Whole {
  readonly story: Story;
  readonly trainingSeed: number;
  readonly tales: ReadonlyMap<string, Tale>;
  /** SHA-256 of the saved model. */
  readonly model: string;
  /** What was done to disk and device. */
  readonly ticks: number;
  /** Of them, when a training was last kept. */
  readonly keptAt: number;
  /** A browser that has kept this run already, twice and with names: runs that nothing may touch. */
  readonly earlier: Disk;
}

const PREPARE: StoryStep = { stepId: 'prepare', settings: { backbone: TINY.id, imageSizePx: 32, batchSize: 8 } };
/** Three batches an epoch. */
const HEAD = { batchSize: 4, epochs: 5, learningRate: 0.02 };

export const STORIES: readonly Story[] = [
  {
    name: 'new layers on features',
    steps: [PREPARE, { stepId: 'trainHead', settings: HEAD }],
  },
  {
    name: 'new layers on features, averaged',
    steps: [
      PREPARE,
      {
        stepId: 'trainHead',
        settings: { ...HEAD, averagesWeights: true, averagedFrom: 2, keptWeights: 'averaged' },
      },
    ],
  },
  {
    name: 'new layers on features, then on changing pictures',
    steps: [
      PREPARE,
      { stepId: 'trainHead', settings: { ...HEAD, epochs: 2 } },
      { stepId: 'augment', settings: { batchSize: 4, cycles: 2, cycleMultiplier: 2, learningRate: 0.01 } },
    ],
  },
];

/** Names of the runs that are there before the round, numbered from 1. */
export const EARLIER = ['first try', 'second try'];
export const COUNT_PER_CLASS = 8;
export const SPLIT = { validationShare: 0.25, seed: 1 };
/** Kept after every few batches: the test session's clock goes on by one at each reading. */
export const KEEPING = { firstMs: 1, everyMs: 8 };

export const NO_FAULTS: LifePlan = {
  killAt: null,
  loseDeviceAt: null,
  full: null,
  nameRunsAt: null,
  picturesLater: false,
};

const known = new Map<string, Promise<Whole>>();

/** Run once and remembered. */
export function tellWhole(story: Story, trainingSeed: number): Promise<Whole> {
  const key = `${story.name} ${trainingSeed}`;
  const whole = known.get(key) ?? runWhole(story, trainingSeed);
  known.set(key, whole);
  return whole;
}

async function runWhole(story: Story, trainingSeed: number): Promise<Whole> {
  const life = new Life(new Disk(), NO_FAULTS, trainingSeed, 0);
  const events: EngineEvent[] = [];
  let keptAt = 0;
  const studio = await startTestSession({
    store: openLifeStore(life),
    weights: tinyWeights(),
    keepingTimes: KEEPING,
    onEvent(event) {
      events.push(event);
      if (event.type === 'workKept' && event.place) keptAt = life.ticks;
    },
    startBackend: async () => openDevice(life),
  });
  await studio.session.listKept({}, GO_ON);
  await studio.openColours(COUNT_PER_CLASS);
  for (const { stepId, settings } of story.steps) {
    life.isTraining = true;
    const outcome = await studio.run(stepId, settings, { seed: trainingSeed });
    life.landAll();
    if (outcome !== 'done') throw new Error(`“${story.name}” does not run even without a fault.`);
  }
  const tales = new Map(story.steps.map(({ stepId }) => [stepId, tellStep(events, stepId)]));
  const { ticks } = life;
  const { recording } = await studio.session.readRun({ number: 1 }, GO_ON);
  const earlier = await keepEarlier(recording);
  return { story, trainingSeed, tales, model: await hashModel(studio), ticks, keptAt, earlier };
}

async function keepEarlier(recording: string): Promise<Disk> {
  const disk = new Disk();
  const { session } = await startTestSession({ store: openDisk(disk), weights: tinyWeights() });
  await session.listKept({}, GO_ON);
  for (const name of EARLIER) {
    await session.addRun({ recording, words: { name, note: 'from another day', recipeId: 'eight' } }, GO_ON);
  }
  return disk;
}

export async function hashModel({ session }: TestSession): Promise<string> {
  return await sha256Of((await session.saveModel({ name: 'whole' }, GO_ON)).bytes);
}

function tellStep(events: readonly EngineEvent[], stepId: string): Tale {
  const own = events.filter((event) => 'stepId' in event && event.stepId === stepId);
  const pick = (type: EngineEvent['type']) => own.filter((event) => event.type === type).map(wordsOf);
  return {
    settings: pick('stepStarted')[0] ?? '',
    batches: pick('batchEnded'),
    rows: pick('epochEnded'),
    results: pick('resultRow'),
  };
}

/** An event without its time, as a log keeps it. */
export function wordsOf({ atMs: _, ...event }: EngineEvent): string {
  return JSON.stringify(event);
}

/** The person's files, and whether they are still what they were. */
export function bringPictures() {
  const files = makeColours(COUNT_PER_CLASS);
  const print = async () => {
    const hashes = files.map(async ({ path, file }) => {
      return `${path} ${await sha256Of(new Uint8Array(await file.arrayBuffer()))}`;
    });
    return (await Promise.all(hashes)).join('\n');
  };
  const before = print();
  return { files, areSame: async () => (await print()) === (await before) };
}
