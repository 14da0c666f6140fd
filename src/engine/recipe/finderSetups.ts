// What the last finders were run for, and why a training needs another run. A finder of the head alone and one of more than the
// head are kept apart: each has trainings of its own.

import { type FinderSetup, whyFindRateAgain } from '../learner/whyFindRateAgain.ts';
import type { UpdateRule } from '../optimizers/optimizer.ts';
import { weightsKey } from '../platform/ports.ts';
import { requireDataset, requireNetwork, type StepContext } from './stepContext.ts';
import type { StudioState } from './studioState.ts';
import { lossKind, type Trainee } from './trainee.ts';

export function describeSetup(
  context: StepContext,
  { network, groups, train }: Trainee,
  rule: UpdateRule,
): FinderSetup {
  const { weights, imageSizePx, square } = requireNetwork(context);
  return {
    data: requireDataset(context).summary.fingerprint,
    // Which network, not how far it is trained: every training would make its own rate look outdated.
    network: weightsKey(weights),
    groups: groups.map(({ title, rateShare }) => ({ name: title, rateRatio: rateShare })),
    keepsStatistics: network.keepsStatistics,
    imageSizePx,
    square,
    batchSize: train.largestBatch,
    rule,
    loss: lossKind(context),
  };
}

export function keepSetup(state: StudioState, setup: FinderSetup): StudioState {
  return { ...state, finderSetups: { ...state.finderSetups, [kindOf(setup)]: setup } };
}

/** Reasons, as sentences, to run the finder before a training like this; empty when the last run of its kind still holds. */
export function whyRateIsOutdated({ finderSetups }: StudioState, now: FinderSetup): string[] {
  return whyFindRateAgain(finderSetups[kindOf(now)] ?? finderSetups.network ?? finderSetups.head, now);
}

function kindOf({ groups }: FinderSetup): keyof StudioState['finderSetups'] {
  return groups.length === 1 ? 'head' : 'network';
}
