// @vitest-environment happy-dom
import { beforeEach, describe, expect, it } from 'vitest';
import type { CommandHandlers, CommandName, CommandParams } from '../../protocol/commands.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import type { EngineClient } from '../../protocol/rpc.ts';
import { smallRun } from '../testing/smallRun.ts';
import { createActions } from './actions.ts';
import { parseHub, readHub, rememberHub, usualHub } from './hubAddress.ts';
import { findNetworkOption, SAVED_MODEL } from './networkActions.ts';
import { initialSettings, setOption, settingsStore } from './settings.ts';
import { initialStudio, studioStore } from './studio.ts';

const RESNET = { architecture: 'resnet34', label: 'ResNet-34' };
const kept = (weightsId: string) => ({
  ...{ kind: 'weights' as const, weightsId, sentence: 'This is a ResNet-34.' },
  catalog: { ...smallRun.catalog },
});

async function startWith(answers: Partial<CommandHandlers>) {
  const asked: CommandName[] = [];
  const cancelled: CommandName[] = [];
  let crash = () => {};
  const all: Partial<CommandHandlers> = {
    start: async () => smallRun.backend,
    describeCatalog: async () => smallRun.catalog,
    ...answers,
  };
  const client: EngineClient = {
    call<Name extends CommandName>(name: Name, params: CommandParams<Name>) {
      asked.push(name);
      // TypeScript cannot follow one name through both the table and the parameters.
      const handle = all[name] as (params: unknown, signal: unknown) => Promise<never>;
      return { result: handle(params, { aborted: false }), cancel: () => void cancelled.push(name) };
    },
  };
  const actions = createActions((_, onCrash) => {
    crash = onCrash;
    return { client, terminate: () => {} };
  });
  await actions.start('auto');
  return { actions, asked, cancelled, crash: () => crash() };
}

const choices = () =>
  smallRun.catalog.recipes
    .flatMap(({ steps }) => steps)
    .flatMap((step: RecipeStep) => {
      const option = findNetworkOption(step);
      return option ? [settingsStore.getState().valuesByStep[step.id]?.[option.id]] : [];
    });
const state = () => studioStore.getState();

beforeEach(() => {
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
  localStorage.clear();
});

describe('weights that a person brings', () => {
  it('are chosen in every recipe that chooses a network', async () => {
    const { actions } = await startWith({ addWeights: async () => kept('mine') });
    expect(await actions.addWeights(new Blob(['x']), 'mine.pth')).toBe('This is a ResNet-34.');
    expect(choices().length).toBeGreaterThan(0);
    expect(new Set(choices())).toEqual(new Set(['mine']));
  });

  it('that are a saved model choose nothing', async () => {
    const { actions } = await startWith({ addWeights: async () => ({ kind: 'savedModel' }) });
    expect(await actions.addWeights(new Blob(['x']), 'saved.safetensors')).toBe(SAVED_MODEL);
    expect(choices().every((choice) => choice === undefined)).toBe(true);
  });

  it('that cannot be used are said and choose nothing', async () => {
    const refused = () => Promise.reject(new EngineError('weightsDamaged', 'This file cannot be used.'));
    const { actions } = await startWith({ addWeights: refused });
    expect(await actions.addWeights(new Blob(['x']), 'mine.pth')).toBeNull();
    expect(state().problem?.sentence).toBe('This file cannot be used.');
  });

  it('are taken away, and only steps that had them go back to the studio’s own', async () => {
    const { actions } = await startWith({ removeWeights: async () => ({ catalog: smallRun.catalog }) });
    setOption('prepare', 'backbone', 'another');
    await actions.removeWeights('mine');
    expect(settingsStore.getState().valuesByStep.prepare?.backbone).toBe('another');
    await actions.removeWeights('another');
    expect(settingsStore.getState().valuesByStep.prepare?.backbone).toBe('efficientnet-lite0');
  });

  it('a machine that could not be measured is no problem when it was stopped', async () => {
    const { actions } = await startWith({ probeSpeed: () => Promise.reject(new EngineError('cancelled', 'Stopped.')) });
    expect(await actions.measureSpeed()).toBe(false);
    expect(state().problem).toBeNull();
  });
});

describe('weights from a hub', () => {
  it('are chosen, and the address that served them is remembered', async () => {
    const { actions } = await startWith({ fetchWeights: async () => kept('fetched') });
    const fetching = actions.fetchWeights(RESNET, 'https://mirror.example');
    expect(state().hubFetch).toEqual({ ...RESNET, bytes: null, isStopping: false, problem: null });
    expect(readHub()).toBe(usualHub);
    expect(await fetching).toBe(true);
    expect(new Set(choices())).toEqual(new Set(['fetched']));
    expect(state()).toMatchObject({ hubFetch: null, notice: 'This is a ResNet-34.' });
    expect(readHub()).toBe('https://mirror.example');
    rememberHub(usualHub);
    expect(localStorage).toHaveLength(0);
  });

  it('are not chosen under a step that runs, and it is said', async () => {
    const { actions } = await startWith({ fetchWeights: async () => kept('fetched') });
    studioStore.setState({ runningStepId: 'trainHead' });
    expect(await actions.fetchWeights(RESNET, usualHub)).toBe(true);
    expect(choices().every((choice) => choice === undefined)).toBe(true);
    expect(state().notice).toBe('This is a ResNet-34. Choose it when the step that runs has ended.');
  });

  it('are fetched one at a time, and a stop reaches the download and not the step beside it', async () => {
    let refuse: (reason: unknown) => void = () => {};
    const { actions, asked, cancelled } = await startWith({
      fetchWeights: () => new Promise((_, reject) => (refuse = reject)),
      probeSpeed: async () => ({ speed: null }),
    });
    const fetching = actions.fetchWeights(RESNET, usualHub);
    expect(await actions.fetchWeights({ architecture: 'resnet18', label: 'ResNet-18' }, usualHub)).toBe(false);
    expect(asked.filter((name) => name === 'fetchWeights')).toHaveLength(1);
    await actions.measureSpeed();
    actions.stop();
    expect(cancelled).toEqual(['probeSpeed']);
    actions.stopFetching();
    expect(cancelled).toEqual(['probeSpeed', 'fetchWeights']);
    expect(state().hubFetch?.isStopping).toBe(true);
    actions.dismissFetch();
    expect(state().hubFetch).not.toBeNull();
    refuse(new EngineError('cancelled', 'Stopped.'));
    expect(await fetching).toBe(false);
    expect(state().hubFetch).toBeNull();
  });

  it('that do not come say why until that is put away', async () => {
    const { actions } = await startWith({
      fetchWeights: () => Promise.reject(new EngineError('weightsUnavailable', 'Nobody is there.')),
    });
    expect(await actions.fetchWeights(RESNET, usualHub)).toBe(false);
    expect(state()).toMatchObject({ hubFetch: { ...RESNET, problem: 'Nobody is there.' }, problem: null });
    actions.dismissFetch();
    expect(state().hubFetch).toBeNull();
  });

  it('are forgotten with an engine that stops', async () => {
    const { actions, crash } = await startWith({ fetchWeights: () => new Promise(() => {}) });
    const fetching = actions.fetchWeights(RESNET, usualHub);
    crash();
    expect(await fetching).toBe(false);
    expect(state()).toMatchObject({ hubFetch: null, problem: { code: 'engineCrashed' } });
  });
});

it('an address of a hub begins with http:// or https:// and holds no name', () => {
  const isHub = (text: string) => parseHub(text) !== null;
  expect(['https://huggingface.co', ' http://localhost:8000/hf/ ', 'https://a.example/b'].map(isHub)).toEqual([
    true,
    true,
    true,
  ]);
  expect(['', 'huggingface.co', 'ftp://a.example', 'https://me:secret@a.example'].map(isHub)).toEqual([
    false,
    false,
    false,
    false,
  ]);
});
