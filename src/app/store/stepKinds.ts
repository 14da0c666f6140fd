// What a step's verb means for the page: which picture it has, and what a stop keeps.

import type { StepVerb } from '../../protocol/recipe.ts';

const FINDERS: readonly StepVerb[] = ['findLearningRate', 'findNetworkRate'];
const TRAININGS: readonly StepVerb[] = ['trainHead', 'trainHeadOnPictures', 'trainOnPictures'];

/** Sweeps the learning rate and suggests one. */
export function isFinder(verb: StepVerb): boolean {
  return FINDERS.includes(verb);
}

/** Has a loss table and a result. */
export function isTraining(verb: StepVerb): boolean {
  return TRAININGS.includes(verb);
}

/** Trains nothing: what is trained so far judges the validation pictures again. */
export function onlyJudges(verb: StepVerb): boolean {
  return verb === 'testTimeAugmentation';
}

/** Ends with a result, where pictures validate. */
export function hasResult(verb: StepVerb): boolean {
  return isTraining(verb) || onlyJudges(verb);
}

/** May train all of the network. */
export function trainsEverything(verb: StepVerb): boolean {
  return verb === 'trainOnPictures';
}

/** Says which layer groups learn. */
export function choosesWhatLearns(verb: StepVerb): boolean {
  return verb === 'unfreeze';
}
