// Times steps of a device that runs behind the page: whole blocks of steps, each ended by waiting for the device, and the median
// over the blocks. A block is long enough that the wait at its end does not show.

/** Runs so many steps, one right after the other, and resolves when the device has done them all. */
export type RunSteps = (count: number) => Promise<void>;

export interface TimingOptions {
  /** To time at least, where they fit into the budget. */
  readonly steps: number;
  readonly budgetMs: number;
  readonly nowMs: () => number;
}

export interface Timing {
  readonly stepMs: number;
  readonly timedSteps: number;
  readonly stepsPerBlock: number;
}

/** The wait at a block's end costs a millisecond or two. */
const BLOCK_MS = 500;
const MOST_STEPS_PER_BLOCK = 100;
const FEWEST_BLOCKS = 5;
/** However long they take. */
const FEWEST_STEPS = 3;
const WARM_UP_STEPS = 5;
const WARM_UP_SHARE = 0.2;

/** The first step of all, which compiles, should have been run before. */
export async function timeBlocks(run: RunSteps, { steps, budgetMs, nowMs }: TimingOptions): Promise<Timing> {
  const timeOf = async (count: number) => {
    const startedMs = nowMs();
    await run(count);
    return nowMs() - startedMs;
  };
  const warmUpEndMs = nowMs() + WARM_UP_SHARE * budgetMs;
  let singleMs = await timeOf(1);
  for (let step = 1; step < WARM_UP_STEPS && nowMs() + singleMs < warmUpEndMs; step++) singleMs = await timeOf(1);

  const stepsPerBlock = Math.min(MOST_STEPS_PER_BLOCK, Math.max(1, Math.floor(BLOCK_MS / singleMs)));
  const wantedBlocks = Math.max(FEWEST_BLOCKS, Math.ceil(steps / stepsPerBlock));
  const endMs = nowMs() + budgetMs;
  const blockMs: number[] = [];
  while (blockMs.length < wantedBlocks) {
    const isOverBudget = nowMs() >= endMs && blockMs.length * stepsPerBlock >= FEWEST_STEPS;
    if (isOverBudget) break;
    blockMs.push(await timeOf(stepsPerBlock));
  }
  return { stepMs: median(blockMs) / stepsPerBlock, timedSteps: blockMs.length * stepsPerBlock, stepsPerBlock };
}

/** Of an even count, the mean of the two in the middle; NaN of none. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  return low === undefined || high === undefined ? Number.NaN : (low + high) / 2;
}
