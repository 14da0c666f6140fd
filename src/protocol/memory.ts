// What a step would need of the device's memory, told before it runs.

export interface StepEstimate {
  /** Null where the step needs none to speak of, or where it cannot be known yet. */
  readonly bytes: number | null;
  /** False where the device can never hold it. */
  readonly fits: boolean;
  /** For the person: how much, and what a smaller batch would need or whether one fits. Empty where there is nothing to say. */
  readonly sentence: string;
}
