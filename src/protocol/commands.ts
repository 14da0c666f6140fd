// The engine's whole API on one screen: command name -> { params, result }.
// Every command can be cancelled; a training step that is cancelled ends as 'stopped' and keeps what it trained.

import type { BackendDescription, BackendName, Catalog } from './catalog.ts';
import type { DatasetSummary, DroppedFile, SplitOptions } from './dataset.ts';
import type { StepOutcome } from './events.ts';
import type { KeptRun, KeptThings, RestoredWork } from './keeping.ts';
import type { LabelDescription, LabelOptions } from './labels.ts';
import type { AugmentationPreview, ShownPicture } from './looks.ts';
import type { StepEstimate } from './memory.ts';
import type { AddedWeights, MachineSpeed, NetworkOffer, WeightsCorrection } from './networks.ts';
import type { SettingValues } from './recipe.ts';
import type { SchedulePlan } from './schedule.ts';
import type { FreedStorage, StorageReport } from './storage.ts';
import type { Submission, SubmissionOrder } from './submission.ts';
import type { GroupLearning, KeptModel } from './training.ts';

export interface Commands {
  /** Picks the backend by the ladder ('auto') or takes the one asked for. Must come first. */
  start: {
    params: { readonly backend: BackendName | 'auto' };
    result: BackendDescription;
  };
  describeCatalog: { params: Record<string, never>; result: Catalog };
  /**
   * Looks at a table of labels among dropped files before they are opened; null when there is none, or when folders say
   * the classes. The open data set stays. `files` null: those looked at last. What `labels` leaves out is guessed.
   */
  describeLabels: {
    params: { readonly files: readonly DroppedFile[] | null; readonly labels: Partial<LabelOptions> };
    result: LabelDescription | null;
  };
  /** The networks that can be chosen, with what they cost at a size and a batch. Changes nothing. */
  compareNetworks: {
    params: { readonly imageSizePx: number; readonly batchSize: number };
    result: readonly NetworkOffer[];
  };
  /** Trains two small networks for about three seconds; the comparison knows speeds then. */
  probeSpeed: { params: Record<string, never>; result: { readonly speed: MachineSpeed | null } };
  /**
   * Keeps a checkpoint's weights in the browser, where they can be chosen as any others. Throws 'weightsDamaged' with what does not fit, and
   * keeps nothing then.
   */
  addWeights: { params: { readonly file: Blob; readonly fileName: string }; result: AddedWeights };
  /** Says of a person's own weights what their file does not. Throws 'settingInvalid' for what is not offered. */
  correctWeights: {
    params: { readonly weightsId: string } & WeightsCorrection;
    result: { readonly catalog: Catalog };
  };
  /**
   * The one command that reaches beyond the site: fetches an architecture's public weights from a hub, or from a mirror at another address,
   * and keeps them as `addWeights` does. Beside whatever runs; one at a time. Progress comes as events. Keeps nothing when it throws.
   */
  fetchWeights: { params: { readonly architecture: string; readonly hubUrl: string }; result: AddedWeights };
  /** Forgets a person's own weights. Throws 'settingInvalid' while they are those of the chosen network. */
  removeWeights: { params: { readonly weightsId: string }; result: { readonly catalog: Catalog } };
  /** Reads, checks and splits dropped files. Replaces the data set that was open. */
  openDataset: {
    params: SplitOptions & {
      readonly name: string;
      readonly files: readonly DroppedFile[];
      /** What a table among the files means; guessed where it is left out. */
      readonly labels?: LabelOptions;
      /** Where the page found them, on its own site. */
      readonly address?: string;
    };
    result: DatasetSummary;
  };
  /** Splits the open data set anew; pictures are not read again. Trained layers and features are dropped. */
  splitDataset: {
    params: SplitOptions;
    result: DatasetSummary;
  };
  /**
   * What the rate of a training would do with these settings and the open pictures; null for a step that does not train.
   * Answers while a step runs, too. Throws 'settingInvalid' for settings that cannot run.
   */
  previewSchedule: {
    params: { readonly recipeId: string; readonly stepId: string; readonly settings: SettingValues };
    result: SchedulePlan | null;
  };
  /** Which parameters would learn after a step with these settings, pixel side first; null for a step that does not say so. */
  previewLearning: {
    params: { readonly recipeId: string; readonly stepId: string; readonly settings: SettingValues };
    result: readonly GroupLearning[] | null;
  };
  /** Runs one step of a recipe; its story comes as events, its end as the result. */
  runStep: {
    params: {
      readonly recipeId: string;
      readonly stepId: string;
      readonly settings: SettingValues;
      readonly seed: number;
      /**
       * From where the step's last run began, whatever was trained since: with that run's settings and seed its very
       * numbers. Throws 'preconditionMissing' when that is not here any more.
       */
      readonly isAgain?: boolean;
    };
    result: { readonly outcome: StepOutcome };
  };
  /**
   * What the browser kept of earlier pages: asked first, before anything is opened. From then on this page keeps its own, unless another one
   * does already.
   */
  listKept: { params: Record<string, never>; result: KeptThings };
  /**
   * Brings the kept work back. With `files`, the same pictures, it can do everything; without, what needs no pictures. Files of another data
   * set are refused with 'settingInvalid', and then nothing changes. Throws 'checkpointDamaged'.
   */
  restoreWork: { params: { readonly files: readonly DroppedFile[] | null }; result: RestoredWork };
  /** Goes on with the step that was cut off, in an earlier page or as its `stepCutOff` event says; else as `runStep`. */
  resumeStep: { params: Record<string, never>; result: { readonly outcome: StepOutcome } };
  /** Halts the training that runs between two batches, and lets it go on: nothing is lost, and the work is kept. Answers at once. */
  pauseStep: { params: { readonly isPaused: boolean }; result: Record<string, never> };
  /** Once the training that runs is cancelled, nothing of it is kept: what was trained before it stays. Answers at once. */
  discardStep: { params: Record<string, never>; result: Record<string, never> };
  /** A run as a recorded run. Throws 'preconditionMissing' when it is not there any more. */
  readRun: { params: { readonly number: number }; result: { readonly recording: string } };
  /** Keeps a run that was brought as a file, as a recorded run; null where this page keeps nothing. */
  addRun: {
    params: { readonly recording: string; readonly words: Pick<KeptRun, 'name' | 'note' | 'recipeId'> };
    result: { readonly added: KeptRun | null; readonly runs: readonly KeptRun[] };
  };
  /** Changes what a person says of a run. */
  describeRun: {
    params: { readonly number: number; readonly name: string; readonly note: string };
    result: { readonly runs: readonly KeptRun[] };
  };
  /** What is kept in the browser, with sizes. Answers while a step runs, too. */
  measureStorage: { params: Record<string, never>; result: StorageReport };
  /**
   * Deletes one thing that is kept, and nothing else, by its `StoredThing.id`; while a step runs, too. Throws 'settingInvalid' with the reason for
   * what is in use, 'preconditionMissing' for what is not there any more.
   */
  freeStorage: { params: { readonly id: string }; result: FreedStorage };
  /** Makes a cycle of a training what is trained so far. Throws 'preconditionMissing' once it is not kept any more. */
  takeSnapshot: {
    /** `cycle` is 0-based. */
    params: { readonly stepId: string; readonly cycle: number };
    result: { readonly sentence: string };
  };
  /** Averages what some cycles of a training said of the validation pictures: a result row of that step. */
  averageSnapshots: {
    /** Two `cycles` or more, 0-based. */
    params: { readonly stepId: string; readonly cycles: readonly number[] };
    result: Record<string, never>;
  };
  /** One picture as the step would look at it, several times. Changes nothing, so it may be asked at any time. */
  previewAugmentation: {
    params: {
      readonly recipeId: string;
      readonly stepId: string;
      readonly settings: SettingValues;
      /** Of the steps before, by their ids: until a network is chosen, what would choose it says how it sees pictures. */
      readonly settingsByStep: Readonly<Record<string, SettingValues>>;
      /** From 0: counts through the step's pictures in an order of their own, over and over. */
      readonly pictureNumber: number;
      readonly seed: number;
      readonly lookCount: number;
    };
    result: AugmentationPreview;
  };
  /**
   * A picture that the browser itself does not show, as training sees it: upright, whole, its shorter side `sizePx`. Throws 'pictureUnreadable',
   * 'pictureUnsupported'.
   */
  showPicture: {
    params: { readonly file: Blob; readonly sizePx: number };
    result: ShownPicture;
  };
  /** What a step would need of the device's memory; nothing runs. While something does, it knows nothing. */
  estimateStep: {
    params: { readonly recipeId: string; readonly stepId: string; readonly settings: SettingValues };
    result: StepEstimate;
  };
  /** What is trained so far as one file. Throws 'preconditionMissing' before anything has been trained. */
  saveModel: { params: { readonly name: string }; result: { readonly bytes: Uint8Array<ArrayBuffer> } };
  /** Takes what a saved file has trained in place of what is trained here; a file that does not fit changes nothing. */
  loadModel: { params: { readonly file: Blob }; result: { readonly sentence: string } };
  /** Keeps what is trained so far in memory by a name; one of the same name is replaced. Answers with all that are kept. */
  keepModel: { params: { readonly name: string }; result: { readonly models: readonly KeptModel[] } };
  forgetModel: { params: { readonly name: string }; result: { readonly models: readonly KeptModel[] } };
  /** As `loadModel`, of one that is kept. */
  loadKeptModel: { params: { readonly name: string }; result: { readonly sentence: string } };
  /** The predictions of the test pictures as a CSV file, read again and checked. Throws 'preconditionMissing' without any. */
  writeSubmission: { params: SubmissionOrder; result: Submission };
}

export type CommandName = keyof Commands;
export type CommandParams<Name extends CommandName> = Commands[Name]['params'];
export type CommandResult<Name extends CommandName> = Commands[Name]['result'];

/** What the worker side implements: one function per command. */
export type CommandHandlers = {
  readonly [Name in CommandName]: (params: CommandParams<Name>, signal: CancelSignal) => Promise<CommandResult<Name>>;
};

/** The part of an AbortSignal that a handler needs. */
export interface CancelSignal {
  readonly aborted: boolean;
}
