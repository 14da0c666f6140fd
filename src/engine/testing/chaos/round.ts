// A round: some lives of the studio on one disk, each with its faults, and a last one without, which has to bring the run to the very end
// that it would have had. Everything is drawn from one seed.

import { createRandom, type Random } from '../../random.ts';
import { GO_ON, startTestSession } from '../testSession.ts';
import { checkDisk, readEvents } from './checkDisk.ts';
import { checkLog } from './checkLog.ts';
import { Disk, type Fault, openDisk } from './disk.ts';
import { Life, type LifePlan } from './life.ts';
import { Page } from './page.ts';
import type { Sabotage, Scene } from './scene.ts';
import { bringPictures, EARLIER, hashModel, NO_FAULTS, STORIES, tellWhole, type Whole } from './story.ts';
import { tinyWeights } from './tinyNetwork.ts';
import { Words } from './words.ts';

export interface RoundPlan {
  readonly seed: number;
  readonly whole: Whole;
  /** With the number of files that are damaged after each. */
  readonly lives: readonly (LifePlan & { readonly damages: number })[];
}

export interface RoundReport {
  readonly seed: number;
  readonly story: string;
  /** That took place, in their order. */
  readonly faults: readonly Fault[];
  readonly lives: number;
  readonly restores: number;
  /** What is wrong, in sentences; empty where the studio kept its word. */
  readonly problems: readonly string[];
}

const TRAINING_SEEDS = 2;
const MOST_LIVES = 4;

export async function drawRound(seed: number): Promise<RoundPlan> {
  const random = createRandom(seed, 'chaos');
  const story = STORIES[random.below(STORIES.length)] as (typeof STORIES)[number];
  const whole = await tellWhole(story, 1 + random.below(TRAINING_SEEDS));
  const lives = Array.from({ length: 2 + random.below(MOST_LIVES - 1) }, (_, index) => {
    // Each has less left to do than the one before it.
    return drawLife(random, Math.ceil(whole.ticks / (1 + index / 2)));
  });
  return { seed, whole, lives };
}

/** @param ticks what it will do to disk and device, about */
function drawLife(random: Random, ticks: number): RoundPlan['lives'][number] {
  const sometimes = <Fault>(percent: number, draw: () => Fault) => (random.below(100) < percent ? draw() : null);
  return {
    killAt: sometimes(85, () => 1 + random.below(ticks)),
    loseDeviceAt: sometimes(35, () => 1 + random.below(Math.round(ticks / 3))),
    full: sometimes(35, () => ({ from: 1 + random.below(Math.round(ticks / 4)), count: 1 + random.below(12) })),
    nameRunsAt: sometimes(50, () => 1 + random.below(8)),
    picturesLater: random.below(4) === 0,
    damages: sometimes(30, () => 1 + random.below(2)) ?? 0,
  };
}

export async function runRound({ seed, whole, lives }: RoundPlan, sabotage: Sabotage = {}): Promise<RoundReport> {
  const disk = new Disk(whole.earlier.files);
  const scene: Scene = {
    ...{ whole, disk, sabotage, words: new Words(EARLIER), pictures: bringPictures(), problems: [] },
    lifeNumber: 0,
  };
  const faults: Fault[] = [];
  const damage = createRandom(seed, 'damage');
  const inLife = (when: string, { kind, words }: Fault) => ({
    kind,
    words: `${when} life ${scene.lifeNumber}: ${words}`,
  });
  let restores = 0;
  for (const { damages, ...plan } of [...lives, { ...NO_FAULTS, damages: 0 }]) {
    const isLast = scene.lifeNumber === lives.length;
    const page = await liveOnce(scene, new Life(disk, plan, seed, scene.lifeNumber), isLast);
    restores += page.restores;
    faults.push(...page.life.faults.map((fault) => inLife('in', fault)));
    const found = await checkDisk(disk, whole, scene.words);
    scene.problems.push(...found.map((problem) => `after life ${scene.lifeNumber}: ${problem}`));
    for (let count = 0; count < damages; count++) {
      const fault = disk.damage(damage);
      if (fault) faults.push(inLife('after', fault));
    }
    scene.lifeNumber += 1;
  }
  if (!(await scene.pictures.areSame())) scene.problems.push('the person’s files are not what they were');
  return { seed, story: whole.story.name, faults, lives: scene.lifeNumber, restores, problems: scene.problems };
}

async function liveOnce(scene: Scene, life: Life, isLast: boolean): Promise<Page> {
  const page = await Page.open(scene, life);
  try {
    await page.live();
    if (isLast) await checkEnd(scene, page);
  } catch (thrown) {
    if (!life.isDead) scene.problems.push(`life ${scene.lifeNumber}: ${describeThrown(thrown)}`);
  }
  life.close();
  return page;
}

function describeThrown(thrown: unknown): string {
  return thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
}

/** The run is the one that was never disturbed, in this page and in the next. */
async function checkEnd({ whole, disk, problems }: Scene, page: Page): Promise<void> {
  problems.push(...checkLog([...page.earlier, ...page.events], whole, true).map((problem) => `as shown: ${problem}`));
  if ((await hashModel(page.studio)) !== whole.model) problems.push('the model is another');
  const next = await startTestSession({ store: openDisk(disk), weights: tinyWeights() });
  const { work, runs } = await next.session.listKept({}, GO_ON);
  if (!work || work.cutOff) {
    problems.push(`the next page finds ${work ? 'a step that was cut off' : 'no work'}`);
    return;
  }
  await next.session.restoreWork({ files: null }, GO_ON);
  if ((await hashModel(next)) !== whole.model) problems.push('the model that was kept is another');
  const log = await readEvents(disk, work.runNumber);
  if (!Array.isArray(log)) problems.push(log ?? 'the finished run is damaged');
  else problems.push(...checkLog(log, whole, true).map((problem) => `as kept: ${problem}`));
  if (!runs.some(({ number }) => number === work.runNumber)) problems.push('the finished run is not listed');
}

/** For whoever reads that it failed: everything that is needed to see it again. */
export function describeRound({ seed, story, faults, problems }: RoundReport): string {
  const lines = [
    `Seed ${seed}, ${story}. Again: npm run soak -- --rounds 1 --seed ${seed}`,
    ...faults.map(({ words }) => `  fault   ${words}`),
    ...problems.map((problem) => `  problem ${problem}`),
  ];
  return lines.join('\n');
}
