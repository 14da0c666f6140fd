// One life of the studio, from the opening of a page to its end: it counts what the studio does to disk and device, and at the counts
// that its plan names it dies, loses the device or finds the disk full. Nothing here waits for a clock, so that a seed is a story.

import { EngineError } from '../../../protocol/errors.ts';
import type { DeviceProblemKind } from '../../../protocol/events.ts';
import { createRandom, type Random } from '../../random.ts';
import type { Disk, Fault } from './disk.ts';

/** What happens in a life. Counts are from 1; null for what does not. */
export interface LifePlan {
  /** Of everything that is done to disk and device together. */
  readonly killAt: number | null;
  /** Of work given to a device. */
  readonly loseDeviceAt: number | null;
  /** The disk is full from this write on, for so many of them. */
  readonly full: { readonly from: number; readonly count: number } | null;
  /** Of batches that are told: the person then names the runs that are listed. */
  readonly nameRunsAt: number | null;
  /** Whether a training on features goes on before the pictures are handed in. */
  readonly picturesLater: boolean;
}

/** What everything throws once the page is gone. Nobody is there to see it. */
export class Killed extends Error {}

interface Waiting {
  /** Pieces of work of the device until it is done. */
  left: number;
  readonly path: string;
  readonly finish: () => void;
  readonly land: () => void;
  readonly forget: () => void;
}

/** The longest that a write takes, in pieces of work of the device. */
const SLOWEST = 4;

export class Life {
  readonly disk: Disk;
  readonly plan: LifePlan;
  /** What befell it. */
  readonly faults: Fault[] = [];
  isDead = false;
  /** Beside a training writes take their time; otherwise nobody could tell. */
  isTraining = false;
  /** A file of the work or the log was refused: the studio has to say that it could not keep. */
  wasRefused = false;
  private readonly random: Random;
  private waiting: Waiting[] = [];
  private counts = { all: 0, device: 0, writes: 0 };

  constructor(disk: Disk, plan: LifePlan, seed: number, number: number) {
    this.disk = disk;
    this.plan = plan;
    this.random = createRandom(seed, `life ${number}`);
  }

  /** Everything so far that was done to disk and device. */
  get ticks(): number {
    return this.counts.all;
  }

  /** Throws Killed when the page is gone. */
  checkAlive(): void {
    if (this.isDead) throw new Killed();
  }

  /** Call before anything is done; throws Killed when the page is gone, or goes now. */
  tick(what: string): void {
    this.checkAlive();
    this.counts.all += 1;
    if (this.counts.all !== this.plan.killAt) return;
    this.die(what);
    throw new Killed();
  }

  /** One piece of work of a device; the disk gets on meanwhile. */
  work(tell: (problem: DeviceProblemKind, error: EngineError) => void): void {
    this.tick('while the device worked');
    this.counts.device += 1;
    for (const write of this.waiting) write.left -= 1;
    this.finish(this.waiting.filter(({ left }) => left <= 0));
    this.checkAlive();
    if (this.counts.device !== this.plan.loseDeviceAt) return;
    this.faults.push({ kind: 'lost device', words: `device lost at its work ${this.counts.device}` });
    tell('lost', new EngineError('deviceLost', LOST));
  }

  /** Resolves when the file is on the disk; a disk that is full refuses, in its own time too. */
  write(path: string, land: () => void): Promise<void> {
    this.tick(`before ${path} was written`);
    this.counts.writes += 1;
    const { full } = this.plan;
    const isRefused = full !== null && this.counts.writes >= full.from && this.counts.writes < full.from + full.count;
    if (isRefused && this.counts.writes === full.from) {
      this.faults.push({ kind: 'full disk', words: `disk full at write ${full.from}, ${full.count} times` });
    }
    return new Promise<void>((resolve, reject) => {
      const done = () => {
        this.tick(`before ${path} was on the disk`);
        land();
        resolve();
      };
      // What is refused while work is restored is asked for again when it is kept.
      if (isRefused && this.isTraining && /^work|jsonl$/.test(path)) this.wasRefused = true;
      const refuse = () => reject(new EngineError('storageFull', 'The disk is full. What was kept before is there.'));
      const write: Waiting = {
        left: this.isTraining ? this.random.below(SLOWEST + 1) : 0,
        path,
        finish: isRefused ? refuse : done,
        land: isRefused ? () => {} : land,
        forget: () => reject(new Killed()),
      };
      this.waiting.push(write);
      if (write.left === 0) this.finish([write]);
    });
  }

  /** All that is being written is there. */
  landAll(): void {
    this.isTraining = false;
    this.finish([...this.waiting]);
  }

  /** The person closes the page. What it would still try again, by a clock that ticks on into the next lives, is gone with it. */
  close(): void {
    this.isDead = true;
  }

  private finish(writes: readonly Waiting[]): void {
    for (const write of writes) {
      if (this.isDead) return;
      try {
        write.finish();
      } catch (thrown) {
        if (!(thrown instanceof Killed)) throw thrown;
        return;
      }
      this.waiting = this.waiting.filter((other) => other !== write);
    }
  }

  /** Of files that are being written, each is there whole or not at all, as the port promises. */
  private die(what: string): void {
    this.isDead = true;
    const left = this.waiting.filter(() => this.random.below(2) === 1);
    for (const { land } of left) land();
    const also = left.length === 0 ? '' : `; ${left.map(({ path }) => path).join(', ')} still got there`;
    this.faults.push({ kind: 'kill', words: `killed ${what} (at ${this.plan.killAt}${also})` });
    const gone = this.waiting;
    this.waiting = [];
    for (const { forget } of gone) forget();
  }
}

const LOST = 'The graphics card was lost. Your pictures, features and finished steps are kept. Run the step again.';
