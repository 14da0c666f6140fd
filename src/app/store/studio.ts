// What the engine has answered and what is going on: backend, catalog, data set, the running step, a problem.
// Only actions.ts (and a replay) write here; views read.

import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { BackendDescription, Catalog } from '../../protocol/catalog.ts';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { CountProgress, EventOf } from '../../protocol/events.ts';
import type { CutOffPlace, KeptRun, KeptThings } from '../../protocol/keeping.ts';
import type { LabelOptions } from '../../protocol/labels.ts';
import type { Recipe, RecipeStep } from '../../protocol/recipe.ts';
import type { StorageReport } from '../../protocol/storage.ts';
import type { KeptModel } from '../../protocol/training.ts';
import type { Labelling } from './labelling.ts';
import type { Problem } from './problems.ts';
import { NO_WORK, type UnsavedWork } from './unsavedWork.ts';

/** Weights on their way from a hub, or why they did not come. */
export interface HubFetch {
  readonly architecture: string;
  readonly label: string;
  /** Null until the hub has said how large the file is. */
  readonly bytes: CountProgress | null;
  readonly isStopping: boolean;
  /** A sentence; null while it goes on. */
  readonly problem: string | null;
}

export interface StudioState {
  readonly engine: 'starting' | 'ready' | 'failed' | 'replay';
  readonly backend: BackendDescription | null;
  readonly catalog: Catalog | null;
  readonly recipeId: string | null;
  readonly dataset: DatasetSummary | null;
  /** The dropped pictures by path; empty in a replay. */
  readonly files: ReadonlyMap<string, Blob>;
  /** What the open data set's table was said to mean; null without one. */
  readonly labels: LabelOptions | null;
  /** A drop whose table is being looked at; the open data set stays until it is opened. */
  readonly labelling: Labelling | null;
  /** Set while a data set is being read: its name. */
  readonly openingName: string | null;
  readonly runningStepId: string | null;
  readonly isStopping: boolean;
  /** The training that runs is halted. */
  readonly isPaused: boolean;
  /** What the lesson would call what is trained so far; null before anything is. */
  readonly trainedName: string | null;
  /** Kept by the engine until the page is closed, oldest first. */
  readonly keptModels: readonly KeptModel[];
  readonly hubFetch: HubFetch | null;
  /** What would be lost with the page. */
  readonly unsaved: UnsavedWork;
  /** Step runs before this index belong to an engine that is gone: shown, but they no longer count as done. */
  readonly firstValidRun: number;
  /** What the browser kept of earlier pages; null until the engine has said. */
  readonly kept: KeptThings | null;
  /** False where work was brought back and its pictures were not opened again. */
  readonly hasPictures: boolean;
  /** A step that was brought back, or broke, and has not gone on yet. */
  readonly cutOff: CutOffPlace | null;
  /** What would be done about the step that broke; null where none did, or it has gone on. */
  readonly rescue: EventOf<'stepCutOff'> | null;
  /** How far the work is kept: up to there it outlives a crash. Null before that. */
  readonly workKept: EventOf<'workKept'> | null;
  /** Why the work is not kept just now, as a sentence; null while it is. */
  readonly keepingTrouble: string | null;
  /** What lies in the browser's storage; null until it was looked at. */
  readonly storage: StorageReport | null;
  /** Id of the stored thing that goes in a few seconds, unless the person keeps it. */
  readonly leavingId: string | null;
  /** What was freed last, as a sentence. */
  readonly freed: string | null;
  /** A kept run that is looked at in the place of what is open. */
  readonly shownRun: KeptRun | null;
  /** Of a project file that was opened: it is opened with the next pictures. */
  readonly projectModel: Blob | null;
  readonly problem: Problem | null;
  /** One quiet sentence about what was just done ('Step 3 will use 1e-2'). */
  readonly notice: string | null;
}

export function initialStudio(): StudioState {
  return {
    engine: 'starting',
    backend: null,
    catalog: null,
    recipeId: null,
    dataset: null,
    files: new Map(),
    labels: null,
    labelling: null,
    openingName: null,
    runningStepId: null,
    isStopping: false,
    isPaused: false,
    trainedName: null,
    keptModels: [],
    hubFetch: null,
    unsaved: NO_WORK,
    firstValidRun: 0,
    kept: null,
    hasPictures: true,
    cutOff: null,
    rescue: null,
    workKept: null,
    keepingTrouble: null,
    storage: null,
    leavingId: null,
    freed: null,
    shownRun: null,
    projectModel: null,
    problem: null,
    notice: null,
  };
}

export const studioStore = createStore<StudioState>(initialStudio);

export function useStudio<Answer>(query: (state: StudioState) => Answer): Answer {
  return useStore(studioStore, query);
}

/** The recipe on the rail: the one asked for, else the catalog's first. */
export function currentRecipe(state: StudioState): Recipe | null {
  const recipes = state.catalog?.recipes ?? [];
  return recipes.find((recipe) => recipe.id === state.recipeId) ?? recipes[0] ?? null;
}

export function findStep(state: StudioState, stepId: string): RecipeStep | undefined {
  return currentRecipe(state)?.steps.find((step) => step.id === stepId);
}

/** Whether no picture is kept to check with: nothing is then said of how good the network is. */
export function learnsFromAll({ dataset }: StudioState): boolean {
  return dataset?.splitOrigin.kind === 'all';
}
