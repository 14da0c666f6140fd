// Verb -> function. Exhaustive: a new verb in protocol/recipe.ts does not compile until it has its line here.

import type { StepVerb } from '../../protocol/recipe.ts';
import { changeSize } from './changeSize.ts';
import { chooseNetwork } from './chooseNetwork.ts';
import { findHeadRate, findNetworkRate } from './findRate.ts';
import { setRates, unfreeze } from './layerSteps.ts';
import { predictTest } from './predictTest.ts';
import { prepareFeatures } from './prepareFeatures.ts';
import type { StepContext, StepResult } from './stepContext.ts';
import { testTimeAugmentation } from './testTimeAugmentation.ts';
import { trainHead, trainHeadOnPictures, trainOnPictures } from './trainNetwork.ts';

export const ACTIONS: Readonly<Record<StepVerb, (context: StepContext) => Promise<StepResult>>> = {
  prepareFeatures,
  chooseNetwork,
  findLearningRate: findHeadRate,
  trainHead,
  findNetworkRate,
  trainHeadOnPictures,
  trainOnPictures,
  unfreeze,
  setRates,
  changeSize,
  testTimeAugmentation,
  predictTest,
};
