// The schedule of a training as it is shown before and while it runs: the very one that the run follows, thinned.

import type { RecipeStep, SettingValues } from '../../protocol/recipe.ts';
import type { SchedulePlan, SchedulePoint } from '../../protocol/schedule.ts';
import type { DatasetIndex } from '../data/datasetIndex.ts';
import { targetsOfPictures } from '../data/targets.ts';
import { planBatchSizes } from '../learner/trainingData.ts';
import type { Schedule } from '../schedules/schedule.ts';
import { countRows } from './balanceSettings.ts';
import { type ChosenSchedule, scheduleSettings } from './scheduleSettings.ts';
import { completeSettings, numberSetting } from './settings.ts';

const MOST_POINTS = 400;
/** Of a longer run only so many batches are looked at. */
const MOST_LOOKS = 100_000;

/** Null for a step that does not train. Pictures that open no more when it runs are counted still. */
export function previewSchedule(step: RecipeStep, given: SettingValues, dataset: DatasetIndex): SchedulePlan | null {
  const settings = completeSettings(step, given);
  if (settings.learningRate === undefined) return null;
  const { summary } = dataset;
  const learned = summary.pictures.filter(({ split, classIndices }) => split === 'train' && classIndices !== null);
  const rowCount = countRows(settings, targetsOfPictures(learned, summary));
  const batchesPerEpoch = planBatchSizes(rowCount, numberSetting(settings, 'batchSize')).length;
  return planSchedule(settings, scheduleSettings(settings, batchesPerEpoch), batchesPerEpoch);
}

export function planSchedule(
  settings: SettingValues,
  { epochCount, schedule }: ChosenSchedule,
  batchesPerEpoch: number,
): SchedulePlan {
  const ends = schedule.cycleEnds;
  const cycles = ends.map((end, cycle) => ({
    epochs: (end - (ends[cycle - 1] ?? 0)) / batchesPerEpoch,
    end,
  }));
  const rate = numberSetting(settings, 'learningRate');
  const momentum = numberSetting(settings, 'momentum');
  const points = thin(schedule).map((batch): SchedulePoint => {
    const value = schedule.at(batch);
    return { batch, learningRate: rate * value.rateFactor, momentum: value.momentum ?? momentum };
  });
  const epochsOfCycles = cycles.map(({ epochs }) => epochs);
  const sentence = readPlan(epochsOfCycles, epochCount, schedule.batchCount);
  return { epochs: epochCount, batchesPerEpoch, batches: schedule.batchCount, cycles, points, sentence };
}

/** Batches in order: all of a short run; of a longer one the first, the last, and the extremes of every stretch. */
function thin({ batchCount, at }: Schedule): number[] {
  const lookCount = Math.min(batchCount, MOST_LOOKS);
  const looks = Array.from({ length: lookCount }, (_, look) => Math.floor((look * batchCount) / lookCount));
  if (lookCount <= MOST_POINTS) return looks;
  const kept = new Set([0, batchCount - 1]);
  const stretchCount = (MOST_POINTS - 2) / 2;
  for (let stretch = 0; stretch < stretchCount; stretch++) {
    const start = Math.floor((stretch * lookCount) / stretchCount);
    const inside = looks.slice(start, Math.floor(((stretch + 1) * lookCount) / stretchCount));
    const rates = inside.map((batch) => at(batch).rateFactor);
    kept.add(inside[indexOfExtreme(rates, Math.max)] as number);
    kept.add(inside[indexOfExtreme(rates, Math.min)] as number);
  }
  return [...kept].sort((a, b) => a - b);
}

function indexOfExtreme(values: readonly number[], pick: (a: number, b: number) => number): number {
  return values.indexOf(values.reduce((best, value) => pick(best, value)));
}

/** More cycles than a sentence can list are only counted. */
const MOST_TERMS = 8;

function readPlan(cycleEpochs: readonly number[], epochs: number, batches: number): string {
  const length = `${count(epochs, 'epoch')}, ${count(batches, 'batch', 'batches')}.`;
  if (cycleEpochs.length === 1) return length;
  const isListed = cycleEpochs.length <= MOST_TERMS;
  return `${cycleEpochs.length} cycles, ${isListed ? `${cycleEpochs.join(' + ')} = ` : ''}${length}`;
}

function count(value: number, singular: string, plural = `${singular}s`): string {
  return `${value.toLocaleString('en')} ${value === 1 ? singular : plural}`;
}
