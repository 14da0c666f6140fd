// The page of one life and the person before it: opens what is kept, hands the same pictures in, goes on with what was cut off, and runs
// the steps that are left. What the studio says on the way is checked as it is said.

import { EngineError } from '../../../protocol/errors.ts';
import type { EngineEvent, StepOutcome } from '../../../protocol/events.ts';
import type { KeptThings, RestoredWork } from '../../../protocol/keeping.ts';
import { folderOf } from '../../persistence/runFiles.ts';
import { GO_ON, startTestSession, type TestSession } from '../testSession.ts';
import { mustHaveWork } from './checkDisk.ts';
import { eventsIn } from './checkLog.ts';
import { openDevice } from './device.ts';
import type { Life } from './life.ts';
import { openLifeStore } from './lifeStore.ts';
import type { Scene } from './scene.ts';
import { COUNT_PER_CLASS, KEEPING, SPLIT, type StoryStep } from './story.ts';
import { tinyWeights } from './tinyNetwork.ts';

/** More device losses than a life has. */
const MOST_ATTEMPTS = 3;

export class Page {
  readonly scene: Scene;
  readonly life: Life;
  /** Of this page, as told. */
  readonly events: EngineEvent[] = [];
  /** What was told before this page, as far as it counts. */
  earlier: EngineEvent[] = [];
  runNumber: number | null = null;
  restores = 0;
  readonly studio: TestSession;
  private edits: Promise<void> = Promise.resolve();

  private constructor(scene: Scene, life: Life, studio: TestSession, events: EngineEvent[]) {
    this.scene = scene;
    this.life = life;
    this.studio = studio;
    this.events = events;
  }

  static async open(scene: Scene, life: Life): Promise<Page> {
    const events: EngineEvent[] = [];
    let page: Page | null = null;
    const { sabotage } = scene;
    const store = openLifeStore(life);
    const studio = await startTestSession({
      store: sabotage.store?.(store) ?? store,
      weights: tinyWeights(),
      keepingTimes: KEEPING,
      startBackend: async () => openDevice(life, sabotage.executor?.()),
      onEvent(event) {
        if (life.isDead) return;
        events.push(event);
        page?.nameRuns(event);
      },
    });
    page = new Page(scene, life, studio, events);
    return page;
  }

  get session() {
    return this.studio.session;
  }

  /** Everything that the person does; ends early, and by throwing, when the page is killed. */
  async live(): Promise<void> {
    const kept = await this.session.listKept({}, GO_ON);
    this.checkKept(kept);
    if (kept.work) await this.goOn(kept.work.runNumber);
    if (this.runNumber === null) await this.begin();
    for (const step of this.scene.whole.story.steps) {
      for (let attempt = 0; !this.isDone(step) && attempt < MOST_ATTEMPTS; attempt++) await this.run(step);
    }
    this.life.landAll();
    await this.edits;
    // It waits for what is being kept.
    await this.session.readRun({ number: 1 }, GO_ON);
    this.checkRefusals();
  }

  private async begin(): Promise<void> {
    this.earlier = [];
    await this.studio.openColours(COUNT_PER_CLASS);
  }

  private isDone({ stepId }: StoryStep): boolean {
    return [...this.earlier, ...this.events].some(
      (event) => event.type === 'stepEnded' && event.stepId === stepId && event.outcome === 'done',
    );
  }

  /** Restores and goes on with the step that was cut off, if one was. */
  private async goOn(runNumber: number): Promise<void> {
    const { picturesLater } = this.life.plan;
    const kept = await this.restore(runNumber, picturesLater);
    if (!kept) return;
    const { cutOff, hasPictures } = kept;
    if (cutOff) await this.during(cutOff.stepId, () => this.session.resumeStep({}, GO_ON));
    if (!hasPictures) await this.goOnWithPictures(runNumber);
  }

  private async goOnWithPictures(runNumber: number): Promise<void> {
    this.life.landAll();
    const kept = await this.restore(runNumber, false);
    if (kept?.cutOff) await this.during(kept.cutOff.stepId, () => this.session.resumeStep({}, GO_ON));
  }

  private async restore(runNumber: number, picturesLater: boolean): Promise<RestoredWork | null> {
    const { pictures } = this.scene;
    const isDamaged = this.scene.disk.isDamagedIn(folderOf(runNumber)) || !mustHaveWork(this.scene.disk);
    try {
      const restored = await this.session.restoreWork({ files: picturesLater ? null : pictures.files }, GO_ON);
      this.events.length = 0;
      this.earlier = eventsIn(restored.recording);
      this.runNumber = runNumber;
      this.restores += 1;
      const { validationShare, seed } = restored.split;
      if (validationShare !== SPLIT.validationShare || seed !== SPLIT.seed) this.complain('the split is another');
      if (restored.cutOff?.needsPictures && !restored.hasPictures) return await this.restore(runNumber, false);
      return restored;
    } catch (thrown) {
      if (this.life.isDead) throw thrown;
      const isSentence = thrown instanceof EngineError && thrown.code === 'checkpointDamaged';
      if (!isSentence || !isDamaged) this.complain(`what is kept cannot be restored: ${thrown}`);
      this.runNumber = null;
      return null;
    }
  }

  private async run({ stepId, settings }: StoryStep): Promise<void> {
    const { trainingSeed: seed } = this.scene.whole;
    const isTold = this.events.some((event) => event.type === 'stepEnded' && event.stepId === stepId);
    if (isTold && (await this.resumeInPage(stepId))) return;
    await this.during(stepId, () =>
      this.session.runStep({ recipeId: 'eight', stepId, settings, seed, isAgain: false }, GO_ON),
    );
  }

  /** After a device problem a step may have been kept for this very page; false where none was. */
  private async resumeInPage(stepId: string): Promise<boolean> {
    try {
      await this.during(stepId, () => this.session.resumeStep({}, GO_ON));
      return true;
    } catch (thrown) {
      if (thrown instanceof EngineError && thrown.code === 'preconditionMissing') return false;
      throw thrown;
    }
  }

  /** Runs or resumes a step; the only failure that is none of the studio's is a lost device. */
  private async during(stepId: string, run: () => Promise<{ readonly outcome: StepOutcome }>): Promise<void> {
    this.life.isTraining = true;
    try {
      const { outcome } = await run();
      this.life.checkAlive();
      if (outcome === 'done') return;
      const error = this.events.findLast((event) => event.type === 'stepEnded')?.error;
      if (error?.code !== 'deviceLost') this.complain(`${stepId} ${outcome}: ${error?.sentence}`);
    } finally {
      if (!this.life.isDead) this.life.landAll();
    }
  }

  /** The person names an earlier run, and the open one where the page knows it. */
  private nameRuns(event: EngineEvent): void {
    const { life, scene } = this;
    if (event.type !== 'batchEnded' || life.plan.nameRunsAt === null) return;
    const told = this.events.filter(({ type }) => type === 'batchEnded').length;
    if (told !== life.plan.nameRunsAt) return;
    const name = `named in life ${scene.lifeNumber}`;
    const numbers = [1, ...(this.runNumber === null ? [] : [this.runNumber])];
    const say = numbers.map((number) => scene.words.say(this.session, life, number, name, scene.problems));
    this.edits = Promise.all([this.edits, ...say]).then(() => {});
  }

  private checkKept({ whyNot, trouble, work }: KeptThings): void {
    const { disk } = this.scene;
    if (whyNot !== null) this.complain(`nothing is kept: ${whyNot}`);
    if (mustHaveWork(disk) && !work) this.complain(`the kept work was not found: ${trouble}`);
    if (trouble?.includes('Something went wrong')) this.complain(`trouble without a sentence: ${trouble}`);
  }

  /** A full disk is told of once, until something is kept again. */
  private checkRefusals(): void {
    const told = this.events
      .filter(({ type }) => type === 'workKept' || type === 'workNotKept')
      .map(({ type }) => type);
    if (told.some((type, index) => type === 'workNotKept' && told[index - 1] === type)) {
      this.complain('that nothing could be kept was told twice');
    }
    if (this.life.wasRefused && this.restores < 2 && !told.includes('workNotKept')) {
      this.complain('nobody was told that the work could not be kept');
    }
  }

  private complain(problem: string): void {
    this.scene.problems.push(`life ${this.scene.lifeNumber}: ${problem}`);
  }
}
