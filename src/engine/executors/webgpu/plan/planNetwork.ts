// All that a network runs and holds: a plan for steps where something learns, one for inference, and the memory that they share.

import {
  type InferencePlan,
  type LowerOptions,
  lowerInference,
  lowerTraining,
  type TrainingPlan,
} from './lowerNetwork.ts';
import { type MemoryPlan, type PlannedWork, planMemory } from './memoryPlan.ts';

export interface PlannedNetwork {
  readonly training: TrainingPlan | null;
  readonly inference: InferencePlan;
  readonly plan: MemoryPlan;
}

/** Pure: no device is touched, so that what a network needs can be told before it is made. */
export function planNetwork(options: LowerOptions): PlannedNetwork {
  const { layout, buffers, learning } = options;
  const training = learning.size > 0 ? lowerTraining(options) : null;
  const inference = lowerInference(options);
  const works: PlannedWork[] = [
    { dispatches: [...inference.preparation, ...inference.dispatches], kept: [inference.output.buffer] },
    ...(training
      ? [{ dispatches: [...training.preparation, ...training.dispatches, ...training.update('sgd')], kept: [] }]
      : []),
  ];
  const parameters = [...layout.segments.map((segment) => segment.parameters), layout.running];
  return {
    training,
    inference,
    plan: planMemory(works, [...parameters, buffers.step, buffers.inputNumbers, buffers.metrics]),
  };
}
