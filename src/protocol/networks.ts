// The networks that can be chosen, side by side: what each brings and what it costs, here and at the settings that are typed.

import type { Catalog } from './catalog.ts';

/** One network: weights that are here, or an architecture whose weights could be. */
export interface NetworkOffer {
  /** What the setting is given to choose it; null where no weights are here. */
  readonly weightsId: string | null;
  readonly architecture: string;
  readonly label: string;
  /** Why it cannot be chosen now and what to do about it, in a sentence; null where it can. */
  readonly obstacle: string | null;
  /** Of the body. */
  readonly parameterCount: number;
  /** Of one picture's way through the body at the asked size. */
  readonly multiplyAdds: number;
  /** Of the file; null where none is here. */
  readonly sizeBytes: number | null;
  /** Published ImageNet accuracy, 0..1; null where nobody has said. */
  readonly publishedTop1: number | null;
  /** To train all of it at the asked size and batch. */
  readonly memory: {
    readonly bytes: number;
    /** Counted from the plan that would run; else worked out from its shapes. */
    readonly isCounted: boolean;
    readonly fits: boolean;
  };
  /** On this machine, worked out from what the probe measured; null before it has run. */
  readonly imagesPerSecond: {
    /** Through the body once, for features that the new layers train on. */
    readonly features: number;
    /** Trained as a whole. */
    readonly training: number;
  } | null;
  readonly licence: string;
  /** Where the weights are from, or could be. */
  readonly source: string;
  /** The public file that `fetchWeights` would ask a hub for; null where weights are here, or none are known. */
  readonly publicFile: { readonly repository: string; readonly fileName: string } | null;
  /** A person's own file, which can be taken away again, and what of it may be said otherwise; null for others. */
  readonly own: WeightsCorrections | null;
}

/** What no file says for sure: which of the networks with the same tensors it is of, and how pictures were fed in its training. */
export interface WeightsCorrection {
  readonly architecture: string;
  readonly feeding: string;
}

export interface WeightsCorrections {
  readonly architectures: readonly { readonly id: string; readonly label: string }[];
  readonly feedings: readonly { readonly id: string; readonly label: string }[];
  readonly architecture: string;
  /** Null where it is none of those. */
  readonly feeding: string | null;
}

/** Weights that a person brought or fetched; or a file of another kind, which was left as it is: a model that this studio saved. */
export type AddedWeights =
  | {
      readonly kind: 'weights';
      readonly weightsId: string;
      /** What was recognised, what matched and what was left out. */
      readonly sentence: string;
      /** With them among its choices. */
      readonly catalog: Catalog;
    }
  | { readonly kind: 'savedModel' };

/** Multiply-adds a second. A training step has three passes of them: forward, and backward to the inputs and to the weights. */
export interface WorkSpeed {
  readonly training: number;
  readonly inference: number;
}

/** What two small networks, run for a moment, say of this machine. */
export interface MachineSpeed {
  /** Of networks whose convolutions see all channels. */
  readonly dense: WorkSpeed;
  /** Of networks whose middle convolutions see one channel each: fewer sums, as many numbers to move. */
  readonly depthwise: WorkSpeed;
}
