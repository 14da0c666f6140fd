// The loss as the lesson shows it: an exponential moving average, debiased, over all batches of one fit (LESSON 1.1, 2.8).

const DECAY = 0.98;

export interface SmoothingState {
  readonly average: number;
  readonly count: number;
}

export interface Smoothing {
  /** To go on from with `createSmoothing`. */
  state(): SmoothingState;
  /** Takes the next batch's loss and returns the debiased average so far. */
  add(loss: number): number;
}

export function createSmoothing(from: SmoothingState = { average: 0, count: 0 }): Smoothing {
  let { average, count } = from;
  return {
    state: () => ({ average, count }),
    add(loss) {
      average = DECAY * average + (1 - DECAY) * loss;
      count += 1;
      return average / (1 - DECAY ** count);
    },
  };
}
