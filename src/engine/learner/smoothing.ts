// The loss as the lesson shows it: an exponential moving average, debiased, over all batches of one fit (LESSON 1.1, 2.8).

const DECAY = 0.98;

export interface Smoothing {
  /** Takes the next batch's loss and returns the debiased average so far. */
  add(loss: number): number;
}

export function createSmoothing(): Smoothing {
  let average = 0;
  let count = 0;
  return {
    add(loss) {
      average = DECAY * average + (1 - DECAY) * loss;
      count += 1;
      return average / (1 - DECAY ** count);
    },
  };
}
