// Verb -> function. Exhaustive: a new verb in protocol/recipe.ts does not compile until it has its line here.

import { EngineError } from '../../protocol/errors.ts';
import type { StepVerb } from '../../protocol/recipe.ts';
import { findHeadRate } from './findHeadRate.ts';
import { prepareFeatures } from './prepareFeatures.ts';
import type { StepContext, StepResult } from './stepContext.ts';
import { trainHead } from './trainHead.ts';

export const ACTIONS: Readonly<Record<StepVerb, (context: StepContext) => Promise<StepResult>>> = {
  prepareFeatures,
  findLearningRate: findHeadRate,
  trainHead,
  notYet: async () => {
    throw new EngineError(
      'preconditionMissing',
      'This step cannot run yet: it is shown so that you know what comes. Nothing was changed.',
    );
  },
};
