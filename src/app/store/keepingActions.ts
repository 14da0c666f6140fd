// What a person does with what the browser has kept: go on with work that was cut off, and look at, name and take along runs.

import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { EngineEvent, StepOutcome } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import type { NamedFiles } from '../intake/folderPaths.ts';
import { eventLogStore, startNewLog } from './eventLog.ts';
import { type Project, readProject, writeProject } from './projectFile.ts';
import { parseRecordedRun, type RecordedRun } from './recordedRun.ts';
import { writeJson } from './runReport.ts';
import { setOption, setSeed, settingsStore, setValidationShare, setWhatValidates } from './settings.ts';
import { showEvents } from './showRun.ts';
import { currentRecipe, studioStore } from './studio.ts';

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
  /** A run as one file, with the model where it is the one that is open; null when it could not be made, and the problem is then shown. */
  saveProject(run: KeptRun | null): Promise<Blob | null>;
  /** Keeps the run of a project file and shows it; its model is opened with the pictures. Shows the problem of a file that is none. */
  openProject(file: Blob): Promise<void>;
  describeRun(number: number, words: Pick<KeptRun, 'name' | 'note'>): Promise<void>;
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
      ...{ dataset, labels, hasPictures, recipeId, trainedName, cutOff, rescue: null },
      files: new Map(files?.map(({ path, file }) => [path, file])),
      labelling: null,
      firstValidRun: 0,
      notice: sentence,
    });
    showEvents(events);
    return true;
  }

  function show(run: KeptRun, { catalog, backend, dataset, events }: RecordedRun): void {
    const now = studioStore.getState();
    live ??= { backend: now.backend, catalog: now.catalog, recipeId: now.recipeId };
    studioStore.setState({
      ...{ engine: 'replay', catalog, backend, dataset, shownRun: run, problem: null },
      recipeId: run.recipeId,
    });
    showEvents(events);
  }

  /** What is open now, or a run that is kept. */
  async function takeProject(run: KeptRun | null): Promise<Project> {
    const { seed, valuesByStep } = settingsStore.getState();
    const { backend, dataset, trainedName } = studioStore.getState();
    if (run) {
      const recorded = readRecording((await call('readRun', { number: run.number })).recording, run.number);
      return { run: recorded, words: run, settings: settingsOf(recorded.events), model: null };
    }
    if (!backend || !dataset) throw new EngineError('preconditionMissing', 'Nothing is open that could be saved.');
    const model = trainedName === null ? null : new Blob([(await call('saveModel', { name: trainedName })).bytes]);
    const words = { name: dataset.name, note: '', recipeId: currentRecipe(studioStore.getState())?.id ?? '' };
    const { events } = eventLogStore.getState().log;
    return { run: { backend, dataset, events }, words, settings: { seed, valuesByStep }, model };
  }

  return {
    async saveProject(run) {
      try {
        const project = await takeProject(run);
        const { name, note, recipeId } = project.words;
        return await writeProject({ ...project, words: { name, note, recipeId } });
      } catch (thrown) {
        showProblem(thrown);
        return null;
      }
    },
    async openProject(file) {
      const { catalog, kept, engine } = studioStore.getState();
      if (!catalog || engine !== 'ready') return;
      studioStore.setState({ problem: null, notice: null });
      try {
        const { run, words, settings, model } = await readProject(file);
        // Networks and recipes are this studio's own, whatever the file says.
        const recorded = { catalog, ...run };
        const recording = [{ catalog, backend: run.backend, dataset: run.dataset }, ...run.events].map(writeJson);
        const { added, runs } = await call('addRun', { recording: recording.join('\n'), words });
        studioStore.setState({ projectModel: model, ...(kept ? { kept: { ...kept, runs } } : {}) });
        show(added ?? notKept(words, run), recorded);
        settingsStore.setState({ seed: settings.seed, valuesByStep: settings.valuesByStep });
      } catch (thrown) {
        showProblem(thrown);
      }
    },
    restoreWork(take) {
      const { kept, dataset } = studioStore.getState();
      const name = dataset?.name ?? kept?.work?.datasetName ?? 'the kept work';
      return whileOpening(name, async () => restore(take && (await take()).files));
    },
    async resumeStep() {
      const { cutOff, rescue, runningStepId, notice } = studioStore.getState();
      const stepId = (rescue ?? cutOff)?.stepId;
      if (stepId === undefined || runningStepId !== null) return null;
      // The form shows what the step goes on with; whatever else is typed there stays.
      for (const [optionId, value] of Object.entries(rescue?.changes ?? {})) setOption(stepId, optionId, value);
      studioStore.setState({ cutOff: null, rescue: null });
      const outcome = whileRunning(stepId, () => call('resumeStep', {}));
      // What was restored is still worth saying while it goes on.
      if (!rescue) studioStore.setState({ notice });
      return await outcome;
    },
    async openRun(run) {
      try {
        const { recording } = await call('readRun', { number: run.number });
        show(run, readRecording(recording, run.number));
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
    async describeRun(number, words) {
      try {
        const { runs } = await call('describeRun', { number, ...words });
        const { kept } = studioStore.getState();
        if (kept) studioStore.setState({ kept: { ...kept, runs } });
      } catch (thrown) {
        showProblem(thrown);
      }
    },
  };
}

/** The settings of each step's last run. */
function settingsOf(events: readonly EngineEvent[]): Project['settings'] {
  const starts = events.filter((event) => event.type === 'stepStarted');
  return {
    seed: starts.at(-1)?.seed ?? 1,
    valuesByStep: Object.fromEntries(starts.map(({ stepId, settings }) => [stepId, settings])),
  };
}

/** A run that is shown and not kept: this page keeps nothing. */
function notKept(words: Project['words'], { dataset }: Project['run']): KeptRun {
  const pictureCount = dataset.pictures.length;
  return { ...words, number: 0, startedAt: '', datasetName: dataset.name, pictureCount, stepCount: 0, best: null };
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
