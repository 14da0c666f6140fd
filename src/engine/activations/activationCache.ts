// Body outputs, kept so that the head trains alone ("precompute" in the lesson). They stand for un-augmented pictures through
// a frozen body in inference mode. Only complete sets get in: a run that was stopped leaves nothing to be reused.

import type { SquareRule } from '../../protocol/looks.ts';
import type { Targets } from '../data/targets.ts';

/** Everything that the features depend on; two equal keys mean equal features. */
export interface ActivationKey {
  readonly datasetFingerprint: string;
  readonly architecture: string;
  /** Of the body: `weightsKey` of its file, and which training of it where there was one. */
  readonly weights: string;
  readonly imageSizePx: number;
  readonly square: SquareRule;
  readonly resamplerVersion: number;
}

export interface SplitActivations {
  /** [picture, feature] */
  readonly features: Float32Array;
  readonly targets: Targets;
  readonly pictureIds: readonly number[];
}

export interface Activations {
  readonly key: ActivationKey;
  readonly featureCount: number;
  readonly train: SplitActivations;
  readonly valid: SplitActivations;
  /** Pictures that opened at first but not when the features were computed. */
  readonly lostPictureIds: readonly number[];
}

/** Two sizes or two networks can be compared without computing again; more would only hold memory. */
const KEPT_SETS = 3;

export class ActivationCache {
  /** Oldest first. */
  private kept: Activations[] = [];

  find(key: ActivationKey): Activations | undefined {
    return this.kept.find((activations) => isSameKey(activations.key, key));
  }

  /** Call only with a complete set. */
  store(activations: Activations): void {
    const others = this.kept.filter((other) => !isSameKey(other.key, activations.key));
    this.kept = [...others, activations].slice(-KEPT_SETS);
  }

  clear(): void {
    this.kept = [];
  }
}

function isSameKey(a: ActivationKey, b: ActivationKey): boolean {
  // Every field counts; a new field of the key is compared without anybody remembering to.
  return Object.keys({ ...a, ...b }).every(
    (field) => a[field as keyof ActivationKey] === b[field as keyof ActivationKey],
  );
}
