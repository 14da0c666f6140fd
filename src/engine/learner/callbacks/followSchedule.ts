// Sets the rate (and the momentum, where the schedule moves it) before every batch.

import type { Schedule } from '../../schedules/schedule.ts';
import type { Callback } from '../callback.ts';

export function followSchedule(schedule: Schedule): Callback {
  return {
    batchStarted(fit, control) {
      const { rateFactor, momentum } = schedule.at(fit.batch);
      control.setRateFactor(rateFactor);
      if (momentum !== undefined) control.setMomentum(momentum);
    },
  };
}
