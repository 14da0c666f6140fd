// What a person does with what the browser has kept: go on with work that was cut off, and look at, name or delete runs.

import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { StepOutcome } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import type { NamedFiles } from '../intake/folderPaths.ts';
import { startNewLog } from './eventLog.ts';
import { parseRecordedRun } from './recordedRun.ts';
import { setSeed, settingsStore, setValidationShare, setWhatValidates } from './settings.ts';
import { showEvents } from './showRun.ts';
import { studioStore } from './studio.ts';

export interface KeepingActions {
  /**
   * Brings the kept work back, with the same pictures where they are given; `take` may itself fail with a sentence. False when it could
   * not be, and the problem is then shown.
   */
  restoreWork(take: (() => Promise<NamedFiles> | NamedFiles) | null): Promise<boolean>;
  /** Goes on with the step that was cut off. */
  resumeStep(): Promise<StepOutcome | null>;
  /** Shows a kept run with all its charts, until it is closed. */
  openRun(run: KeptRun): Promise<void>;
  closeRun(): void;
  describeRun(number: number, words: Pick<KeptRun, 'name' | 'note'>): Promise<void>;
  removeRun(number: number): Promise<void>;
}

interface Channel {
  /** One at a time. */
  call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>>;
  showProblem(thrown: unknown): void;
  /** Shows a step as running while this goes on, and its problem when it ends in one. */
  whileRunning(stepId: string, run: () => Promise<{ readonly outcome: StepOutcome }>): Promise<StepOutcome>;
  whileOpening(name: string, read: () => Promise<boolean>): Promise<boolean>;
}

export function createKeepingActions({ call, showProblem, whileRunning, whileOpening }: Channel): KeepingActions {
  /** What the engine computes with and offers, while a kept run is shown in its place. */
  let live: Pick<ReturnType<typeof studioStore.getState>, 'backend' | 'catalog' | 'recipeId'> | null = null;

  async function restore(files: NamedFiles['files'] | null): Promise<true> {
    const restored = await call('restoreWork', { files });
    const { events } = parseRecordedRun(restored.recording);
    const { dataset, split, labels, hasPictures, recipeId, trainedName, cutOff, sentence } = restored;
    setSeed(split.seed);
    setValidationShare(split.validationShare);
    setWhatValidates({ fold: split.fold ?? null, usesAll: split.usesAll ?? false });
    studioStore.setState({
      ...{ dataset, labels, hasPictures, recipeId, trainedName, cutOff },
      files: new Map(files?.map(({ path, file }) => [path, file])),
      labelling: null,
      firstValidRun: 0,
      notice: sentence,
    });
    showEvents(events);
    return true;
  }

  async function changeRuns(command: () => Promise<{ readonly runs: readonly KeptRun[] }>): Promise<void> {
    try {
      const { runs } = await command();
      const { kept } = studioStore.getState();
      if (kept) studioStore.setState({ kept: { ...kept, runs } });
    } catch (thrown) {
      showProblem(thrown);
    }
  }

  return {
    restoreWork(take) {
      const { kept, dataset } = studioStore.getState();
      const name = dataset?.name ?? kept?.work?.datasetName ?? 'the kept work';
      return whileOpening(name, async () => restore(take && (await take()).files));
    },
    async resumeStep() {
      const { cutOff, runningStepId } = studioStore.getState();
      if (!cutOff || runningStepId !== null) return null;
      const { notice } = studioStore.getState();
      const outcome = whileRunning(cutOff.stepId, () => call('resumeStep', {}));
      // What was restored is still worth saying while it goes on.
      studioStore.setState({ cutOff: null, notice });
      return await outcome;
    },
    async openRun(run) {
      try {
        const { recording } = await call('readRun', { number: run.number });
        const { catalog, backend, dataset, events } = readRecording(recording, run.number);
        const now = studioStore.getState();
        live ??= { backend: now.backend, catalog: now.catalog, recipeId: now.recipeId };
        studioStore.setState({
          ...{ engine: 'replay', catalog, backend, dataset, shownRun: run, problem: null },
          recipeId: run.recipeId,
        });
        showEvents(events);
      } catch (thrown) {
        showProblem(thrown);
      }
    },
    closeRun() {
      if (!live) return;
      studioStore.setState({ engine: 'ready', ...live, dataset: null, shownRun: null, problem: null });
      live = null;
      startNewLog();
      settingsStore.setState({ place: 'data', valuesByStep: {} });
    },
    describeRun: (number, words) => changeRuns(() => call('describeRun', { number, ...words })),
    removeRun: (number) => changeRuns(() => call('removeRun', { number })),
  };
}

function readRecording(text: string, number: number) {
  try {
    return parseRecordedRun(text);
  } catch (thrown) {
    const what = thrown instanceof Error ? thrown.message : String(thrown);
    throw new EngineError(
      'checkpointDamaged',
      `Run ${number} cannot be shown, because what the browser kept of it is damaged (${what}). The other runs are as they were.`,
    );
  }
}
