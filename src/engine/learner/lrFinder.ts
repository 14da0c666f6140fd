// The learning-rate finder (Smith 2015, arXiv 1506.01186; LESSON section 1.1): train while the rate grows, record the
// smoothed loss, stop when it blows up, put every weight back. The weights come back after a cancel and an error too.

import type { CancelSignal } from '../../protocol/commands.ts';
import type { FinderEnd } from '../../protocol/training.ts';
import type { Random } from '../random.ts';
import { exponentialSweep, linearSweep } from '../schedules/sweep.ts';
import type { Callback } from './callback.ts';
import { followSchedule } from './callbacks/followSchedule.ts';
import { fit, type Learner, LOSS_NOT_FINITE, STOPPED_BY_PERSON } from './learner.ts';
import type { TrainingData } from './trainingData.ts';

/** The best loss so far counts only after this many batches are complete, so that a lucky start cannot stop the sweep. */
const BATCHES_BEFORE_BEST = 10;
const DIVERGED_FACTOR = 4;
const DIVERGED = 'diverged';

export interface FinderPoint {
  readonly iteration: number;
  /** The rate of the last group, the head. */
  readonly learningRate: number;
  readonly smoothedLoss: number;
}

export interface FinderOptions {
  readonly train: TrainingData;
  readonly startRate: number;
  readonly endRate: number;
  readonly iterations: number;
  /** Exponential unless said otherwise. A linear sweep trains its first batch at rate 0. */
  readonly sweep?: 'exponential' | 'linear';
  readonly shuffleRandom: Random;
  readonly dropoutRandom: Random;
  readonly signal: CancelSignal;
  readonly onPoint: (point: FinderPoint) => void;
}

export interface FinderResult {
  readonly points: readonly FinderPoint[];
  readonly end: FinderEnd;
}

/** Group rates keep their ratios; the last group sweeps from startRate towards endRate. */
export async function findLearningRate(learner: Learner, options: FinderOptions): Promise<FinderResult> {
  const { train, startRate, endRate, iterations } = options;
  const createSweep = options.sweep === 'linear' ? linearSweep : exponentialSweep;
  const points: FinderPoint[] = [];
  const lastRate = learner.groups.at(-1)?.learningRate as number;
  const sweepLearner = {
    ...learner,
    groups: learner.groups.map((group) => ({ ...group, learningRate: (group.learningRate / lastRate) * startRate })),
  };
  const before = await learner.network.readParameters();
  try {
    const { stopReason } = await fit(sweepLearner, {
      train,
      valid: null,
      epochCount: Math.ceil(iterations / train.batchesPerEpoch),
      batchCount: iterations,
      shuffleRandom: options.shuffleRandom,
      dropoutRandom: options.dropoutRandom,
      signal: options.signal,
      callbacks: [
        followSchedule(createSweep(startRate, endRate, iterations)),
        recordSweep((point) => {
          points.push(point);
          options.onPoint(point);
        }),
      ],
    });
    return { points, end: nameEnd(stopReason) };
  } finally {
    learner.network.writeParameters(before);
    learner.network.resetOptimizer();
  }
}

/** Test for the stop first, then the best, then the record: the batch that stops the sweep is not recorded. */
export function recordSweep(onPoint: (point: FinderPoint) => void): Callback {
  const rule = createStopRule();
  return {
    batchEnded(fit, control) {
      if (rule.shouldStop(fit.smoothedLoss)) {
        control.stop(DIVERGED);
        return;
      }
      onPoint({ iteration: fit.batch, learningRate: fit.rates.at(-1) as number, smoothedLoss: fit.smoothedLoss });
    },
  };
}

export interface StopRule {
  /** Takes the next smoothed loss; true when the sweep is over. */
  shouldStop(smoothedLoss: number): boolean;
}

export function createStopRule(): StopRule {
  let best = 1e9;
  let completedBatches = 0;
  return {
    shouldStop(smoothedLoss) {
      if (Number.isNaN(smoothedLoss) || smoothedLoss > DIVERGED_FACTOR * best) return true;
      if (smoothedLoss < best && completedBatches > BATCHES_BEFORE_BEST) best = smoothedLoss;
      completedBatches += 1;
      return false;
    },
  };
}

function nameEnd(stopReason: string | null): FinderEnd {
  if (stopReason === null) return 'finished';
  if (stopReason === STOPPED_BY_PERSON) return 'stopped';
  if (stopReason === DIVERGED || stopReason === LOSS_NOT_FINITE) return 'diverged';
  throw new RangeError(`The sweep ended for an unknown reason: ${stopReason}.`);
}
