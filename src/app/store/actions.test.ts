// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import type { PictureSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { EngineEvent, StepOutcome } from '../../protocol/events.ts';
import type { EngineClient } from '../../protocol/rpc.ts';
import type { StartEngine } from '../engineClient.ts';
import { smallRun } from '../testing/smallRun.ts';
import { createActions } from './actions.ts';
import { appendEvents, eventLogStore, startNewLog } from './eventLog.ts';
import { initialSettings, setOption, settingsStore } from './settings.ts';
import { initialStudio, studioStore } from './studio.ts';

type Handlers = { [Name in CommandName]?: (params: CommandParams<Name>) => Promise<CommandResult<Name>> };

/** An engine that answers as it is told and records what it was asked. */
function fakeEngine(overrides: Handlers = {}) {
  const asked: { name: CommandName; params: unknown }[] = [];
  const cancelled: CommandName[] = [];
  let sendEvents: (batch: readonly EngineEvent[]) => void = () => {};
  let crash = () => {};
  const eventsOf = (stepId: string) => smallRun.events.filter((event) => 'stepId' in event && event.stepId === stepId);
  const handlers: Required<Handlers> = {
    start: async () => smallRun.backend,
    describeCatalog: async () => smallRun.catalog,
    compareNetworks: async () => [],
    probeSpeed: async () => ({ speed: null }),
    addWeights: async () => ({ kind: 'savedModel' as const }),
    correctWeights: async () => ({ catalog: smallRun.catalog }),
    fetchWeights: async () => ({ kind: 'savedModel' as const }),
    removeWeights: async () => ({ catalog: smallRun.catalog }),
    describeLabels: async () => null,
    openDataset: async () => smallRun.dataset,
    splitDataset: async () => smallRun.dataset,
    listKept: async () => ({ whyNot: null, trouble: null, work: null, runs: [] }),
    restoreWork: async () => {
      throw new EngineError('preconditionMissing', 'No work is kept in this browser.');
    },
    resumeStep: async () => ({ outcome: 'done' as StepOutcome }),
    pauseStep: async () => ({}),
    discardStep: async () => ({}),
    readRun: async () => ({ recording: '' }),
    describeRun: async () => ({ runs: [] }),
    addRun: async () => ({ added: null, runs: [] }),
    measureStorage: async () => ({ things: [], total: null }),
    freeStorage: async () => ({
      storage: { things: [], total: null },
      work: null,
      runs: [],
      catalog: smallRun.catalog,
    }),
    runStep: async ({ stepId }) => {
      sendEvents(eventsOf(stepId));
      return { outcome: 'done' as StepOutcome };
    },
    previewSchedule: async () => null,
    previewLearning: async () => null,
    takeSnapshot: async () => ({ sentence: 'Taken.' }),
    averageSnapshots: async () => ({}),
    showPicture: async () => ({ widthPx: 1, heightPx: 1, rgba: new Uint8ClampedArray(4) }),
    previewAugmentation: async () => ({
      pictureId: 0,
      sizePx: 1,
      square: 'squashed',
      plain: onePixel,
      looks: [onePixel],
    }),
    estimateStep: async () => ({ bytes: 1e9, fits: true, sentence: 'Needs 1 GB.' }),
    saveModel: async () => ({ bytes: Uint8Array.from([1, 2, 3]) }),
    loadModel: async () => ({ sentence: 'Opened.' }),
    keepModel: async () => ({ models: [] }),
    forgetModel: async () => ({ models: [] }),
    loadKeptModel: async () => ({ sentence: 'Opened.' }),
    writeSubmission: async () => ({ text: 'id,label\n1,cat\n', fileName: 'x.csv', notes: [], problems: [] }),
    ...overrides,
  };
  const client: EngineClient = {
    call<Name extends CommandName>(name: Name, params: CommandParams<Name>) {
      asked.push({ name, params });
      // TypeScript cannot follow one name through both the table and the parameters.
      const handle = handlers[name] as (params: CommandParams<Name>) => Promise<CommandResult<Name>>;
      return {
        result: handle(params),
        cancel: () => {
          cancelled.push(name);
        },
      };
    },
  };
  const startEngine: StartEngine = (onEvents, onCrash) => {
    sendEvents = onEvents;
    crash = onCrash;
    return { client, terminate: () => {} };
  };
  const send = (...events: readonly EngineEvent[]) => sendEvents(events);
  return { startEngine, asked, cancelled: () => cancelled, crash: () => crash(), send };
}

const onePixel = Uint8ClampedArray.from([1, 2, 3, 255]);
const folder = { name: 'drawings', files: [{ path: 'a/1.png', file: new Blob(['x']) }] };
const steps = smallRun.catalog.recipes[0]?.steps ?? [];

beforeEach(() => {
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
});

describe('a person’s acts', () => {
  it('starting asks for the backend and the catalog', async () => {
    const engine = fakeEngine();
    expect(await createActions(engine.startEngine).start('wasm')).toBe(true);
    expect(engine.asked.map(({ name }) => name)).toEqual(['start', 'describeCatalog', 'listKept']);
    expect(studioStore.getState()).toMatchObject({ engine: 'ready', backend: smallRun.backend });
  });

  it('starting says so where a card is there and failed its test, and what computes instead', async () => {
    const sentence = 'The graphics card failed its test: the loss is off by 0.3. Its driver computes wrongly.';
    const ladder = [{ backend: 'webgpu' as const, isChosen: false, sentence, hasFailed: true }];
    const engine = fakeEngine({
      start: async () => ({ ...smallRun.backend, adapter: 'WebAssembly, 4 threads', ladder }),
    });
    await createActions(engine.startEngine).start('auto');
    expect(studioStore.getState().notice).toBe(
      `${sentence} The studio computes with WebAssembly, 4 threads instead: slower, and as right.`,
    );
  });

  it('a folder opened while the engine still starts is opened once it has', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    const starting = actions.start('auto');
    expect(await actions.open(() => folder, 'drawings')).toBe(true);
    await starting;
    expect(engine.asked.at(-1)?.name).toBe('openDataset');
    expect(studioStore.getState().dataset).toBe(smallRun.dataset);
  });

  it('“run all steps” passes over the test pictures where there are none', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    expect(await actions.runAllSteps()).toBe(true);
    const ids = engine.asked
      .filter(({ name }) => name === 'runStep')
      .map(({ params }) => (params as CommandParams<'runStep'>).stepId);
    expect(ids).toEqual(steps.filter((step) => !step.needsTestPictures).map((step) => step.id));
    expect(ids.length).toBeLessThan(steps.length);
  });

  it('“run all steps” runs every step in order and trains with the finder’s rate', async () => {
    const [first, ...others] = smallRun.dataset.pictures;
    const pictures = [...others, { ...(first as PictureSummary), split: 'test' as const }];
    const engine = fakeEngine({ openDataset: async () => ({ ...smallRun.dataset, pictures }) });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    expect(await actions.runAllSteps()).toBe(true);
    const runs = engine.asked
      .filter(({ name }) => name === 'runStep')
      .map(({ params }) => params as CommandParams<'runStep'>);
    expect(runs.map((run) => run.stepId)).toEqual(steps.map((step) => step.id));
    const suggested = smallRun.events.find((event) => event.type === 'lrSuggested');
    const recommended = suggested?.suggestions.find((one) => one.isRecommended);
    for (const stepId of ['trainHead', 'augment']) {
      expect(runs.find((run) => run.stepId === stepId)?.settings.learningRate).toBe(recommended?.learningRate);
    }
  });

  it('going on larger runs the step that sets the size, starts trainings from what is trained, and shows what comes next', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    await actions.runAllSteps();
    // Half-typed since: another network would lose what was trained behind this one.
    settingsStore.setState({ valuesByStep: { prepare: { backbone: 'another', batchSize: '16' } } });
    const ran = () =>
      engine.asked.flatMap(({ name, params }) => (name === 'runStep' ? [params as CommandParams<'runStep'>] : []));
    const trainedBackbone = ran().find(({ stepId }) => stepId === 'prepare')?.settings.backbone;
    await actions.goOnLarger(160);
    expect(ran().at(-1)).toMatchObject({
      stepId: 'prepare',
      settings: { imageSizePx: 160, batchSize: 16, backbone: trainedBackbone },
    });
    const { valuesByStep, place } = settingsStore.getState();
    for (const stepId of ['findRate', 'trainHead', 'augment', 'fineTune']) {
      expect(valuesByStep[stepId]?.startFrom).toBe('trainedLayers');
    }
    expect(place).toBe('findRate');
    expect(studioStore.getState().notice).toContain('160 px');
  });

  it('going on larger stays with the step that could not be run', async () => {
    const actions = createActions(fakeEngine({ runStep: async () => ({ outcome: 'failed' }) }).startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    await actions.goOnLarger(160);
    expect(settingsStore.getState().place).toBe('prepare');
    expect(studioStore.getState().notice).toBeNull();
  });

  it('running all steps passes over one that was left out before the pictures grew', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    actions.chooseRecipe('breeds');
    const ended = {
      type: 'stepEnded',
      outcome: 'done',
      elapsedMs: 1,
      imagesPerSecond: null,
      memoryBytes: null,
    } as const;
    for (const stepId of ['prepare', 'trainHead', 'augment', 'grow']) {
      appendEvents([
        { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 },
        { ...ended, stepId, reading: '', error: null, atMs: 0 },
      ]);
    }
    await actions.runAllSteps();
    const ran = engine.asked.flatMap(({ name, params }) =>
      name === 'runStep' ? [(params as CommandParams<'runStep'>).stepId] : [],
    );
    expect(ran).toEqual(['augmentLarger', 'tta']);
  });

  it('a setting out of range is not run but said', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    settingsStore.setState({ valuesByStep: { prepare: { batchSize: '0' } } });
    expect(await actions.runStep('prepare')).toBeNull();
    expect(studioStore.getState().problem).toMatchObject({ code: 'settingInvalid', remedy: 'openSettings' });
    expect(engine.asked.some(({ name }) => name === 'runStep')).toBe(false);
  });

  it('stop cancels the running step', async () => {
    let finish: (result: { outcome: StepOutcome }) => void = () => {};
    const engine = fakeEngine({
      runStep: () =>
        new Promise((resolve) => {
          finish = resolve;
        }),
    });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    const running = actions.runStep('prepare');
    await Promise.resolve();
    actions.stop();
    expect(engine.cancelled()).toEqual(['runStep']);
    expect(studioStore.getState().isStopping).toBe(true);
    finish({ outcome: 'stopped' });
    expect(await running).toBe('stopped');
    expect(studioStore.getState()).toMatchObject({ runningStepId: null, isStopping: false });
  });

  it('a folder that cannot be read is said in the engine’s sentence, and the open data set stays', async () => {
    const engine = fakeEngine();
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    const failing = () => Promise.reject(new EngineError('datasetEmpty', 'No pictures here.'));
    expect(await actions.open(failing, 'other')).toBe(false);
    expect(studioStore.getState().problem).toMatchObject({ sentence: 'No pictures here.', remedy: 'chooseFolder' });
    expect(studioStore.getState().dataset).toBe(smallRun.dataset);
  });

  it('a dead engine ends the running step, says what was kept, and can be started again with the same pictures', async () => {
    const engine = fakeEngine({ runStep: () => new Promise(() => {}) });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    const running = actions.runStep('prepare');
    await Promise.resolve();
    engine.crash();
    expect(await running).toBe('failed');
    expect(studioStore.getState().problem).toMatchObject({ code: 'engineCrashed', remedy: 'restartEngine' });
    await actions.restartEngine();
    const reopened = engine.asked.at(-1)?.params as CommandParams<'openDataset'>;
    expect(reopened.files).toEqual(folder.files);
    expect(studioStore.getState()).toMatchObject({ engine: 'ready', problem: null });
    expect(eventLogStore.getState().log.stepRuns).toHaveLength(studioStore.getState().firstValidRun);
  });

  it('looks are asked for with what is typed here and in the steps before, and stop nothing that runs', async () => {
    let endStep = () => {};
    const engine = fakeEngine({
      runStep: () =>
        new Promise((resolve) => {
          endStep = () => resolve({ outcome: 'stopped' });
        }),
    });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    setOption('prepare', 'imageSizePx', '96');
    setOption('augment', 'maxZoom', '1,5');
    const choice = { pictureNumber: 2, seed: 5, lookCount: 8 };
    const running = actions.runStep('prepare');
    await Promise.resolve();
    expect(await actions.previewLooks('augment', choice)).toMatchObject({ looks: [onePixel] });
    const asked = engine.asked.at(-1)?.params as CommandParams<'previewAugmentation'>;
    expect(asked).toMatchObject({ stepId: 'augment', ...choice, settings: { maxZoom: 1.5 } });
    expect(Object.keys(asked.settingsByStep)).toEqual(['prepare', 'findRate', 'trainHead']);
    expect(asked.settingsByStep.prepare).toMatchObject({ imageSizePx: 96 });
    actions.stop();
    expect(engine.cancelled()).toEqual(['runStep']);
    endStep();
    expect(await running).toBe('stopped');
  });

  it('a picture that cannot be shown is a sentence and no problem of the page', async () => {
    const broken = async () => {
      throw new EngineError('pictureUnreadable', 'The picture is damaged.');
    };
    const actions = createActions(fakeEngine({ previewAugmentation: broken }).startEngine);
    await actions.start('auto');
    const choice = { pictureNumber: 0, seed: 1, lookCount: 8 };
    expect(await actions.previewLooks('augment', choice)).toBe('The picture is damaged.');
    expect(studioStore.getState().problem).toBeNull();
  });

  it('learning from everything is asked for, undone by another choice, and forgotten with other pictures', async () => {
    const all = { ...smallRun.dataset, splitOrigin: { kind: 'all', hasFolderSplit: true } } as const;
    const engine = fakeEngine({ splitDataset: async ({ usesAll }) => (usesAll ? all : smallRun.dataset) });
    const actions = createActions(engine.startEngine);
    const splitsAsked = () => engine.asked.filter(({ name }) => name === 'splitDataset').map(({ params }) => params);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    await actions.split(1, 0.2, { fold: null, usesAll: true });
    expect(studioStore.getState().dataset).toBe(all);
    // Another seed draws no other split of everything, so nothing that was trained is dropped for it.
    await actions.split(7, 0.2, { fold: null, usesAll: true });
    expect(splitsAsked()).toEqual([{ seed: 1, validationShare: 0.2, usesAll: true }]);
    await actions.restartEngine();
    expect(engine.asked.at(-1)?.params).toMatchObject({ seed: 7, usesAll: true });
    await actions.split(7, 0.2, { fold: null, usesAll: false });
    expect(splitsAsked().at(-1)).toEqual({ seed: 7, validationShare: 0.2 });
    await actions.split(7, 0.2, { fold: null, usesAll: true });
    await actions.open(() => folder, 'drawings');
    expect(engine.asked.at(-1)?.params).not.toHaveProperty('usesAll');
    expect(settingsStore.getState().usesAll).toBe(false);
  });

  it('“run all steps” leaves out what could only judge where everything is learnt from', async () => {
    const all = { ...smallRun.dataset, splitOrigin: { kind: 'all', hasFolderSplit: false } } as const;
    const engine = fakeEngine({ openDataset: async () => all });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    expect(await actions.runAllSteps()).toBe(true);
    const runs = engine.asked.flatMap(({ name, params }) =>
      name === 'runStep' ? [(params as CommandParams<'runStep'>).stepId] : [],
    );
    const trains = steps.filter((step) => step.verb !== 'testTimeAugmentation' && !step.needsTestPictures);
    expect(runs).toEqual(trains.map(({ id }) => id));
    expect(trains.length).toBeLessThan(steps.length);
  });

  it('a model is saved as the bytes that the engine gives, and opened with its sentence', async () => {
    const actions = createActions(fakeEngine().startEngine);
    await actions.start('auto');
    const file = await actions.saveModel('224_lastlayer');
    expect(file?.size).toBe(3);
    expect(await actions.openModel(new Blob(['model']))).toBe('Opened.');
  });

  it('a model that does not fit is said in the engine’s sentence', async () => {
    const refused = async () => {
      throw new EngineError('settingInvalid', 'This model has other classes.');
    };
    const actions = createActions(fakeEngine({ loadModel: refused }).startEngine);
    await actions.start('auto');
    expect(await actions.openModel(new Blob(['model']))).toBeNull();
    expect(studioStore.getState().problem?.sentence).toBe('This model has other classes.');
  });
});

describe('work that is kept', () => {
  const recording = `${[
    { catalog: smallRun.catalog, backend: smallRun.backend, dataset: smallRun.dataset },
    ...smallRun.events,
  ]
    .map((line) => JSON.stringify(line))
    .join('\n')}\n`;
  const cutOff = { stepId: 'trainHead', epoch: 2, batch: 4, needsPictures: false };
  const restored = {
    ...{
      dataset: smallRun.dataset,
      labels: null,
      hasPictures: true,
      recipeId: 'head',
      trainedName: null,
      cutOff,
      recording,
    },
    split: { seed: 7, validationShare: 0.3 },
    sentence: 'Restored run 7 at epoch 3, batch 4.',
  };

  it('comes back with its log, its settings and its sentence, and the step goes on', async () => {
    const engine = fakeEngine({ restoreWork: async () => restored });
    const actions = createActions(engine.startEngine);
    await actions.start('wasm');
    expect(await actions.restoreWork(null)).toBe(true);
    expect(eventLogStore.getState().log.events).toHaveLength(smallRun.events.length);
    expect(studioStore.getState()).toMatchObject({ cutOff, notice: restored.sentence, dataset: smallRun.dataset });
    expect(settingsStore.getState().validationShare).toBe(0.3);
    expect(await actions.resumeStep()).toBe('done');
    expect(studioStore.getState()).toMatchObject({ cutOff: null, notice: restored.sentence, runningStepId: null });
    expect(engine.asked.at(-1)?.name).toBe('resumeStep');
  });

  it('is gone on with after a crash, with the pictures that the page still has', async () => {
    const { name: datasetName, fingerprint, pictures } = smallRun.dataset;
    const kept = { runNumber: 7, datasetName, fingerprint, pictureCount: pictures.length, recipeId: 'head' };
    const work = { ...kept, address: null, cutOff, sentence: 'Run 7 was cut off.' };
    const engine = fakeEngine({
      listKept: async () => ({ whyNot: null, trouble: null, work, runs: [] }),
      restoreWork: async () => restored,
    });
    const actions = createActions(engine.startEngine);
    await actions.start('wasm');
    const file = new Blob(['x']);
    await actions.open(() => ({ name: 'shapes', files: [{ path: 'a/1.png', file }] }), 'shapes');
    await actions.restartEngine();
    const asked = engine.asked.slice(-2);
    expect(asked.map(({ name }) => name)).toEqual(['restoreWork', 'resumeStep']);
    expect(asked[0]?.params).toEqual({ files: [{ path: 'a/1.png', file }] });
  });
});

describe('a step that the device broke', () => {
  const cutOff: EngineEvent = {
    ...{ type: 'stepCutOff', stepId: 'trainHead', cause: 'outOfMemory', place: { epoch: 2, batch: 12 }, atMs: 1e6 },
    ...{ changes: { batchSize: 32 }, sentence: 'There was no memory left for batches of 64.' },
    offer: 'Go on from epoch 3, batch 12, with batches of 32',
  };
  const isAbout = (stepId: string) => (event: EngineEvent) => 'stepId' in event && event.stepId === stepId;

  /** Runs all steps; the head's training breaks. */
  async function breakTraining() {
    const engine = fakeEngine({
      runStep: async ({ stepId }) => {
        const told = smallRun.events.filter(isAbout(stepId));
        if (stepId !== 'trainHead') {
          engine.send(...told);
          return { outcome: 'done' as StepOutcome };
        }
        const error = { code: 'outOfMemory' as const, sentence: 'No room.' };
        const broken = told.map((event) =>
          event.type === 'stepEnded' ? { ...event, outcome: 'failed' as const, error } : event,
        );
        engine.send(...broken, cutOff);
        return { outcome: 'failed' as StepOutcome };
      },
      resumeStep: async () => {
        const goneOn = {
          type: 'stepGoneOn',
          stepId: 'trainHead',
          epoch: 0,
          batch: 0,
          settings: {},
          atMs: 1e6,
        } as const;
        engine.send(
          goneOn,
          ...smallRun.events.filter(isAbout('trainHead')).filter(({ type }) => type !== 'stepStarted'),
        );
        return { outcome: 'done' as StepOutcome };
      },
    });
    const actions = createActions(engine.startEngine);
    await actions.start('auto');
    await actions.open(() => folder, 'drawings');
    setOption('trainHead', 'epochs', '7');
    expect(await actions.runAllSteps()).toBe(false);
    const ran = () =>
      engine.asked.flatMap(({ name, params }) =>
        name === 'runStep' ? [(params as CommandParams<'runStep'>).stepId] : [],
      );
    return { engine, actions, ran };
  }

  it('is told with what going on would do; one press goes on, shows the new batch, and takes the other steps along', async () => {
    const { actions, ran } = await breakTraining();
    expect(studioStore.getState().problem).toEqual({
      ...{ code: 'outOfMemory', stepId: 'trainHead', remedy: 'goOn' },
      ...{ sentence: cutOff.sentence, offer: cutOff.offer },
    });
    expect(ran().at(-1)).toBe('trainHead');
    expect(await actions.resumeStep()).toBe('done');
    expect(settingsStore.getState().valuesByStep.trainHead).toMatchObject({ epochs: '7', batchSize: 32 });
    expect(studioStore.getState()).toMatchObject({ problem: null, rescue: null, cutOff: null });
    const behind = steps.filter((step) => !step.needsTestPictures).map(({ id }) => id);
    expect(ran()).toEqual(behind);
  });

  it('can be left: the offer stays with the step, and nothing is asked of the engine', async () => {
    const { engine, actions } = await breakTraining();
    const asked = engine.asked.length;
    actions.dismissProblem();
    expect(engine.asked).toHaveLength(asked);
    expect(studioStore.getState()).toMatchObject({
      problem: null,
      cutOff: { stepId: 'trainHead', epoch: 2, batch: 12 },
    });
    expect(studioStore.getState().rescue?.offer).toBe(cutOff.offer);
    expect(settingsStore.getState().valuesByStep.trainHead).not.toHaveProperty('batchSize');
    // Run anew, it is done with.
    await actions.runStep('prepare');
    expect(studioStore.getState()).toMatchObject({ rescue: null, cutOff: null });
  });
});
