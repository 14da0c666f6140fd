// Keeps the page a few steps ahead of the device and no more, and cuts steps that would keep the device too long into
// several submits: an operating system may take a card away from a page that does not give it back in time.

/** The page may be this many steps ahead: enough that the device never waits, few enough that a stop is quick. */
const STEPS_AHEAD = 3;
/** A submit should not pass this. */
const LONGEST_SUBMIT_MS = 300;
/** Aimed at when cutting, so that a slow moment does not pass the limit. */
const WANTED_SUBMIT_MS = 200;
const MOST_SUBMITS = 32;
/** What the slowest cards compute in a millisecond; before the first step nothing better is known. */
const SLOW_FLOPS_PER_MS = 3e8;

export class SubmitPacing {
  private readonly device: GPUDevice;
  private readonly nowMs: () => number;
  private underWay: Promise<void>[] = [];
  private lastDoneMs: number | null = null;
  private submits: number;

  /** @param stepFlops of one step, from which the first step's submits are guessed. */
  constructor(device: GPUDevice, nowMs: () => number, stepFlops: number) {
    this.device = device;
    this.nowMs = nowMs;
    this.submits = Math.max(1, Math.min(MOST_SUBMITS, Math.ceil(stepFlops / (SLOW_FLOPS_PER_MS * WANTED_SUBMIT_MS))));
  }

  /** Into how many submits the next step is to be cut. */
  get submitCount(): number {
    return this.submits;
  }

  /** Call right after a step was submitted. */
  noteStep(): void {
    const startedMs = this.nowMs();
    this.underWay.push(
      this.device.queue.onSubmittedWorkDone().then(() => {
        const doneMs = this.nowMs();
        // While steps queue up, the time between two ends is the time of one step.
        const stepMs = doneMs - Math.max(startedMs, this.lastDoneMs ?? startedMs);
        this.lastDoneMs = doneMs;
        this.submits = stepMs <= LONGEST_SUBMIT_MS ? 1 : Math.min(MOST_SUBMITS, Math.ceil(stepMs / WANTED_SUBMIT_MS));
      }),
    );
  }

  /** Resolves when at most STEPS_AHEAD steps are under way. */
  async waitForRoom(): Promise<void> {
    while (this.underWay.length > STEPS_AHEAD) await this.underWay.shift();
  }
}
