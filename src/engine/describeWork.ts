// Kept work as a person reads it: whose it is, and where it was cut off.

import type { CutOffPlace, KeptWork } from '../protocol/keeping.ts';
import type { FitState } from './learner/learner.ts';
import type { StudioRecord } from './persistence/studioCheckpoint.ts';
import { findStep } from './recipe/runStep.ts';

export interface WorkHolder {
  readonly runNumber: number;
  readonly datasetName: string;
}

export function holderOf({ state, log }: StudioRecord): WorkHolder {
  return { runNumber: log.runNumber, datasetName: state.dataset?.summary.name ?? '' };
}

export function placeOf({ epoch, batch, batchesPerEpoch }: Pick<FitState, 'epoch' | 'batch' | 'batchesPerEpoch'>) {
  return { epoch, batch: batch - epoch * batchesPerEpoch };
}

/** Null where nothing was running, or nothing that this version still knows. */
export function describeCutOff({ running }: StudioRecord): CutOffPlace | null {
  if (!running) return null;
  try {
    const { verb } = findStep(running.recipeId, running.stepId);
    return { stepId: running.stepId, ...placeOf(running.cutOff.fit), needsPictures: verb !== 'trainHead' };
  } catch {
    return null;
  }
}

export function describeWork(record: StudioRecord): KeptWork | null {
  const summary = record.state.dataset?.summary;
  if (!summary) return null;
  const { origin, recipeId, log } = record;
  const { name: datasetName, fingerprint, pictures } = summary;
  const cutOff = describeCutOff(record);
  const what = `Run ${log.runNumber} on “${datasetName}”`;
  const sentence = cutOff
    ? `${what} was cut off at epoch ${cutOff.epoch + 1}, batch ${cutOff.batch}. Everything up to there is kept.`
    : `${what} is kept with all that was trained.`;
  return {
    ...{ datasetName, fingerprint, recipeId, cutOff, sentence },
    runNumber: log.runNumber,
    pictureCount: pictures.length,
    address: origin.address,
  };
}
