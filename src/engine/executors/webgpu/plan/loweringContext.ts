// What both passes of a plan are lowered with.

import type { GraphFacts } from './graphFacts.ts';
import type { ParameterLayout } from './parameterLayout.ts';
import type { PlanBuffer, PlanBuilder } from './plan.ts';
import type { ChooseTile } from './tiles.ts';

export interface LoweringContext {
  readonly facts: GraphFacts;
  readonly layout: ParameterLayout;
  readonly builder: PlanBuilder;
  readonly chooseTile: ChooseTile;
  /** Small buffers of the network: see network buffers. */
  readonly step: PlanBuffer;
  readonly inputNumbers: PlanBuffer;
  /** Coefficients of every batch norm of this plan. */
  readonly coefficients: PlanBuffer;
  /** Dropout is on. */
  readonly isTraining: boolean;
}
