// What the engine offers, described as data: the page knows no network or recipe by name.

import type { Recipe } from './recipe.ts';

export interface BackboneDescription {
  readonly id: string;
  readonly label: string;
  readonly parameterCount: number;
  readonly downloadBytes: number;
  /** Published ImageNet top-1 accuracy, 0..1; null where nobody has said. */
  readonly publishedTop1: number | null;
  readonly imageSizePx: number;
  readonly licence: string;
  readonly source: string;
}

export interface Catalog {
  readonly backbones: readonly BackboneDescription[];
  readonly recipes: readonly Recipe[];
}

export type BackendName = 'webgpu' | 'webgl' | 'wasm' | 'cpu';

/** One rung of the ladder that was looked at and what was found there. */
export interface LadderRung {
  readonly backend: BackendName;
  readonly isChosen: boolean;
  /** A sentence for the person: why it was taken or passed over. */
  readonly sentence: string;
  /** It is there, and failed: its test, its start, or a step that ran on it. */
  readonly hasFailed?: boolean;
}

/** What the studio computes with; shown as the badge. */
export interface BackendDescription {
  readonly backend: BackendName;
  /** The adapter's own name ('NVIDIA H100', 'google swiftshader', 'WebAssembly SIMD, 1 thread'). */
  readonly adapter: string;
  readonly isHardwareGpu: boolean;
  readonly ladder: readonly LadderRung[];
}
