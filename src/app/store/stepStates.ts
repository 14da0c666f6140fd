// Where every step of the recipe stands, read from the log: what the rail draws and what may run.

import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import type { EventLog, StepRun } from './eventLog.ts';
import { lastOf, latestRun } from './eventLog.ts';
import { pictureSizeOptionId } from './pictureSize.ts';
import { onlyJudges } from './stepKinds.ts';
import { learnsFromAll, type StudioState } from './studio.ts';

export type StepState = 'done' | 'running' | 'ready' | 'blocked' | 'failed' | 'stopped';

export interface Situation {
  readonly recipe: Recipe;
  readonly log: EventLog;
  readonly runningStepId: string | null;
  readonly hasDataset: boolean;
  /** False where everything is learnt from, so that nothing can be judged. */
  readonly hasValidation: boolean;
  readonly hasTestPictures: boolean;
  readonly firstValidRun: number;
}

export function situationOf(studio: StudioState, recipe: Recipe, log: EventLog): Situation {
  const { dataset, runningStepId, firstValidRun } = studio;
  return {
    recipe,
    log,
    runningStepId,
    firstValidRun,
    hasDataset: dataset !== null,
    hasValidation: !learnsFromAll(studio),
    hasTestPictures: holdsTestPictures(dataset),
  };
}

export function holdsTestPictures(dataset: DatasetSummary | null): boolean {
  return dataset?.pictures.some(({ split }) => split === 'test') ?? false;
}

/** Whether a run still counts: the engine that did it is alive and nothing it builds on, however far back, was run again since. */
export function isCurrentRun(
  run: StepRun,
  step: RecipeStep,
  situation: Pick<Situation, 'recipe' | 'log' | 'firstValidRun'>,
): boolean {
  const { recipe, log, firstValidRun } = situation;
  const index = log.stepRuns.lastIndexOf(run);
  if (index < firstValidRun) return false;
  const isBefore = (id: string) => {
    const other = latestRun(log, id);
    return other === undefined || log.stepRuns.lastIndexOf(other) < index;
  };
  const isNeededCurrent = (id: string) => {
    const neededRun = latestRun(log, id);
    const needed = recipe.steps.find((candidate) => candidate.id === id);
    return neededRun === undefined || needed === undefined || isCurrentRun(neededRun, needed, situation);
  };
  return [...step.needs, ...(step.outdatedBy ?? [])].every(isBefore) && step.needs.every(isNeededCurrent);
}

/** A step that sets what the network sees: by its options, since no step is known by name. */
function setsPictureSize(step: RecipeStep): boolean {
  return step.options.some(({ id }) => id === pictureSizeOptionId);
}

/**
 * The step further down that has set another picture size since: run again, a step above it would go on at that size and not at
 * its own. Null when the size is the one that the step is meant for. A step that sets the size itself is never left behind.
 */
export function leftBehindBy(step: RecipeStep, situation: Situation): RecipeStep | null {
  const { recipe, log, firstValidRun } = situation;
  if (setsPictureSize(step)) return null;
  const setters = recipe.steps.filter(setsPictureSize);
  const lastRun = log.stepRuns
    .slice(firstValidRun)
    .findLast((run) => setters.some(({ id }) => id === run.stepId) && lastOf(run.byType.stepEnded)?.outcome === 'done');
  const setter = setters.find(({ id }) => id === lastRun?.stepId);
  return setter && recipe.steps.indexOf(setter) > recipe.steps.indexOf(step) ? setter : null;
}

function isDone(stepId: string, situation: Situation): boolean {
  const step = situation.recipe.steps.find((candidate) => candidate.id === stepId);
  const run = latestRun(situation.log, stepId);
  if (!step || !run || !isCurrentRun(run, step, situation)) return false;
  return lastOf(run.byType.stepEnded)?.outcome === 'done';
}

/** The steps that this one waits for, in rail order. */
export function missingNeeds(step: RecipeStep, situation: Situation): readonly RecipeStep[] {
  return situation.recipe.steps.filter(
    (candidate) => step.needs.includes(candidate.id) && !isDone(candidate.id, situation),
  );
}

/** Why there is nothing that the step could judge or predict, as a sentence; null when there is. */
function whyNoPictures(step: RecipeStep, { hasValidation, hasTestPictures }: PicturesToHave): string | null {
  if (onlyJudges(step.verb) && !hasValidation) {
    return 'Every picture is learnt from, so there is none to judge. The split in the data’s place changes that.';
  }
  if (step.needsTestPictures && !hasTestPictures) {
    return 'There is no test folder in these pictures; drop a folder with `test` beside `train`.';
  }
  return null;
}

type PicturesToHave = Pick<Situation, 'hasValidation' | 'hasTestPictures'>;

/** Whether there is nothing that the step could work on; a recipe is then done without it. */
export function lacksPictures(step: RecipeStep, pictures: PicturesToHave): boolean {
  return whyNoPictures(step, pictures) !== null;
}

export function stepState(step: RecipeStep, situation: Situation): StepState {
  if (situation.runningStepId === step.id) return 'running';
  if (!situation.hasDataset || lacksPictures(step, situation) || missingNeeds(step, situation).length > 0) {
    return 'blocked';
  }
  const run = latestRun(situation.log, step.id);
  const outcome = run && isCurrentRun(run, step, situation) ? lastOf(run.byType.stepEnded)?.outcome : undefined;
  if (outcome !== 'done' && leftBehindBy(step, situation)) return 'blocked';
  return outcome ?? 'ready';
}

/** Why a step cannot run now, as a sentence; null when it can. */
export function whyNotRunnable(step: RecipeStep, situation: Situation): string | null {
  if (!situation.hasDataset) return 'Open a folder of pictures first.';
  const runningStep = situation.recipe.steps.find((candidate) => candidate.id === situation.runningStepId);
  if (runningStep && runningStep.id !== step.id) {
    return `Step ${runningStep.number} is running. Wait for it, or stop it.`;
  }
  const nothingToDo = whyNoPictures(step, situation);
  if (nothingToDo !== null) return nothingToDo;
  const missing = missingNeeds(step, situation);
  if (missing.length === 0) return tellLeftBehind(step, situation);
  const names = missing.map((needed) => `step ${needed.number} (${needed.title})`).join(' and ');
  return `Run ${names} first.`;
}

/** Whether every step is done that these pictures leave something to do. */
export function isAllDone(situation: Situation): boolean {
  return situation.recipe.steps.every(
    (step) => lacksPictures(step, situation) || stepState(step, situation) === 'done',
  );
}

function tellLeftBehind(step: RecipeStep, situation: Situation): string | null {
  const since = leftBehindBy(step, situation);
  if (!since) return null;
  const { steps } = situation.recipe;
  const own = steps.slice(0, steps.indexOf(step)).findLast(setsPictureSize);
  const back = own ? ` Run step ${own.number} (${own.title}) again to go back to its picture size.` : '';
  return `Step ${since.number} (${since.title}) has changed the picture size since.${back}`;
}

/** The step after the last one that is done: what a person would do next. */
export function nextStep(situation: Situation): RecipeStep | null {
  return (
    situation.recipe.steps.find((step) => {
      const state = stepState(step, situation);
      return state === 'ready' || state === 'failed' || state === 'stopped';
    }) ?? null
  );
}
