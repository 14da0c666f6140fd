// Remembers how often the device failed in each step, for what is to be done about the next failure (decision 0022).

import type { DeviceProblemKind } from '../protocol/events.ts';
import type { StepResult } from './recipe/stepContext.ts';
import { type BrokenStep, causeOf, planRescue, type Rescue } from './stepRescue.ts';

interface Broken extends Omit<BrokenStep, 'cause' | 'failureCount'> {
  /** What the device itself said while the step ran. */
  readonly problem: DeviceProblemKind | null;
}

export class RescueDesk {
  /** By the id of the step, since it last came to an end. */
  private readonly failures = new Map<string, number>();

  /** Null for a step that came to an end, and where nothing can be done. */
  plan({ outcome, error }: Pick<StepResult, 'outcome' | 'error'>, { problem, ...broken }: Broken): Rescue | null {
    const { id } = broken.step;
    if (outcome !== 'failed') {
      this.failures.delete(id);
      return null;
    }
    const cause = causeOf(error, problem);
    if (cause === null) return null;
    const isDevice = cause === 'lost' || cause === 'invalid';
    const failureCount = (this.failures.get(id) ?? 0) + (isDevice ? 1 : 0);
    this.failures.set(id, failureCount);
    return planRescue({ ...broken, cause, failureCount });
  }

  /** For other pictures, with which nothing has failed yet. */
  forget(): void {
    this.failures.clear();
  }
}
