// The mean of a training's weights over epochs, made fit to judge pictures with: its batch norms are measured anew first.

import type { ResultScore } from '../../protocol/training.ts';
import type { ParameterValues } from '../graph/graph.ts';
import type { WeightAverager } from '../learner/callbacks/averageWeights.ts';
import type { Learner } from '../learner/learner.ts';
import { recomputeBatchNorms } from '../learner/recomputeBatchNorms.ts';
import { createRandom } from '../random.ts';
import type { StepContext } from './stepContext.ts';
import type { Trainee } from './trainee.ts';

export interface AveragedWeights {
  /** 'Averaged weights, epochs 3 to 7' */
  readonly label: string;
  readonly parameters: ParameterValues;
}

/** Null where no epoch counted, or where it was stopped. The network holds its own weights again afterwards. */
export async function makeAveragedWeights(
  { seed, stepId, signal }: StepContext,
  learner: Learner,
  { train }: Trainee,
  averager: WeightAverager,
  firstEpoch: number,
): Promise<AveragedWeights | null> {
  const average = averager.average();
  if (!average || signal.aborted) return null;
  const { network } = learner;
  const own = await network.readParameters();
  try {
    network.writeParameters(average);
    const isDone = await recomputeBatchNorms(learner, {
      train,
      shuffleRandom: createRandom(seed, `${stepId} averaged shuffle`),
      dropoutRandom: createRandom(seed, `${stepId} averaged dropout`),
      signal,
    });
    const label = nameAveraged(firstEpoch, firstEpoch + averager.epochCount - 1);
    return isDone ? { label, parameters: await network.readParameters() } : null;
  } finally {
    network.writeParameters(own);
  }
}

function nameAveraged(first: number, last: number): string {
  return first === last ? `Averaged weights, epoch ${first}` : `Averaged weights, epochs ${first} to ${last}`;
}

export function readAveraged(
  averaged: AveragedWeights | null,
  score: ResultScore | null,
  { isWanted, isKept }: { readonly isWanted: boolean; readonly isKept: boolean },
): string {
  if (!averaged)
    return isWanted ? ' It was stopped before the averaged weights were ready, so the last ones are kept.' : '';
  const got = score?.kind === 'accuracy' ? `: ${score.accuracy.correctCount} of ${score.accuracy.count} right` : '';
  return ` ${averaged.label}${got}${isKept ? '; these are kept' : ''}.`;
}
