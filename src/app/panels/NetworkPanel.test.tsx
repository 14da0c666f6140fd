// @vitest-environment happy-dom
import { act, cleanup, fireEvent, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CommandHandlers } from '../../protocol/commands.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { NetworkOffer } from '../../protocol/networks.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { usualHub } from '../store/hubAddress.ts';
import { findNetworkOption } from '../store/networkActions.ts';
import { settingsStore } from '../store/settings.ts';
import { studioStore } from '../store/studio.ts';
import { renderWithEngine } from '../testing/renderWithEngine.tsx';
import { smallRun } from '../testing/smallRun.ts';
import { NetworkPanel } from './NetworkPanel.tsx';

const { catalog } = smallRun;
const step = catalog.recipes[0]?.steps.find(({ id }) => id === 'prepare') as RecipeStep;
const option = findNetworkOption(step);

const offer: NetworkOffer = {
  weightsId: 'efficientnet-lite0',
  architecture: 'efficientnet-lite0',
  label: 'EfficientNet-Lite0',
  obstacle: null,
  parameterCount: 3_371_024,
  multiplyAdds: 3.85e8,
  sizeBytes: 18_600_000,
  publishedTop1: 0.751,
  memory: { bytes: 1.2e9, isCounted: true, fits: true },
  imagesPerSecond: null,
  licence: 'Apache-2.0',
  source: 'a package 0.1.0',
  publicFile: null,
  own: null,
};
const corrections: NetworkOffer['own'] = {
  architectures: [{ id: 'resnet18', label: 'ResNet-18' }],
  feedings: [
    { id: 'imagenet', label: 'ImageNet’s' },
    { id: 'halves', label: '−1 to 1' },
  ],
  architecture: 'resnet18',
  feeding: 'imagenet',
};
const mine: NetworkOffer = { ...offer, weightsId: 'mine-1234', label: 'ResNet-18, yours (mine.pth)', own: corrections };
const absent: NetworkOffer = {
  ...offer,
  weightsId: null,
  architecture: 'resnet34',
  label: 'ResNet-34',
  obstacle: 'Its weights are not here. Drop a checkpoint of it or fetch it from the hub.',
  parameterCount: 21_284_672,
  sizeBytes: null,
  memory: { bytes: 9e9, isCounted: false, fits: false },
  licence: 'BSD-3-Clause',
  source: 'timm/resnet34.tv_in1k',
  publicFile: { repository: 'timm/resnet34.tv_in1k', fileName: 'model.safetensors' },
};
const unpublished: NetworkOffer = {
  ...absent,
  architecture: 'resnet50-v1',
  label: 'ResNet-50 of 2015',
  publicFile: null,
};
const further: NetworkOffer = { ...absent, architecture: 'resnext50', label: 'ResNeXt-50' };

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  localStorage.clear();
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
});

/** Long enough for a form to rest and for an answer to be drawn. */
const rest = () => act(async () => vi.advanceTimersByTimeAsync(1000));

async function show(answers: Partial<CommandHandlers> = {}, isRunning = false) {
  const engine = await renderWithEngine(<NetworkPanel step={step} isRunning={isRunning} />, {
    compareNetworks: async () => [offer, mine, absent, unpublished, further],
    ...answers,
  });
  await act(async () => {
    const details = screen.getByTestId('networks') as HTMLDetailsElement;
    details.open = true;
    fireEvent(details, new Event('toggle'));
  });
  await rest();
  return engine;
}

const click = (testId: string, index = 0) =>
  act(async () => {
    fireEvent.click(screen.getAllByTestId(testId)[index] as HTMLElement);
  });
const isOff = (testId: string, index = 0) =>
  screen.getAllByTestId(testId)[index]?.getAttribute('aria-disabled') === 'true';
const radios = () => screen.getAllByRole('radio') as HTMLInputElement[];
const chosen = () => settingsStore.getState().valuesByStep[step.id]?.[option?.id ?? ''];

describe('the networks', () => {
  it('stand in the engine’s order, with what they cost, and the one that is chosen is marked', async () => {
    const engine = await show();
    expect(engine.askedOf('compareNetworks')).toEqual([{ imageSizePx: 224, batchSize: 64 }]);
    expect(radios().map(({ value }) => value)).toEqual(['efficientnet-lite0', 'mine-1234']);
    expect(radios().map(({ checked }) => checked)).toEqual([true, false]);
    const [first] = screen.getAllByTestId('network-offer');
    expect(first?.textContent).toContain(
      '75.1\u00a0% on ImageNet · 3.4 million parameters · 385 million multiply-adds',
    );
    expect(first?.textContent).toContain('training all of it takes about 1.2 GB');
    const list = screen.getByText('3 more networks whose weights are not here').parentElement as HTMLElement;
    expect(list.textContent).toContain('would take 9.0 GB, more than fits');
    expect(list.textContent).toContain('Its weights are not here.');
    expect(list.textContent).toContain('BSD-3-Clause, timm/resnet34.tv_in1k');
  });

  it('are chosen by their mark', async () => {
    await show();
    await act(async () => fireEvent.click(radios()[1] as HTMLElement));
    expect(chosen()).toBe('mine-1234');
    expect(radios().map(({ checked }) => checked)).toEqual([false, true]);
  });

  it('stay as they are while a step runs, and every button says so', async () => {
    await show({}, true);
    await act(async () => fireEvent.click(radios()[1] as HTMLElement));
    expect(chosen()).toBeUndefined();
    for (const testId of ['measure-speed', 'add-weights', 'remove-weights']) expect(isOff(testId)).toBe(true);
    expect(screen.getByLabelText('Pictures were fed as').getAttribute('aria-disabled')).toBe('true');
    expect(screen.getAllByText('A step is running. Wait for it, or stop it.')).toHaveLength(4);
    // What is fetched changes nothing before it is kept.
    expect(isOff('ask-hub')).toBe(false);
  });

  it('are compared anew once the machine is measured', async () => {
    let answer: (measured: Awaited<ReturnType<CommandHandlers['probeSpeed']>>) => void = () => {};
    const engine = await show({ probeSpeed: () => new Promise((resolve) => (answer = resolve)) });
    await click('measure-speed');
    expect(screen.getByTestId('measure-speed').textContent).toBe('Measuring …');
    expect(isOff('measure-speed')).toBe(true);
    await act(async () =>
      answer({ speed: { dense: { training: 1, inference: 1 }, depthwise: { training: 1, inference: 1 } } }),
    );
    await rest();
    expect(engine.askedOf('compareNetworks')).toHaveLength(2);
    expect(screen.getByTestId('measure-speed').textContent).toContain('3 seconds');
  });

  it('grow by a checkpoint, which is chosen, and a saved model is opened instead', async () => {
    const engine = await show({
      addWeights: async ({ fileName }) =>
        fileName === 'saved.safetensors'
          ? { kind: 'savedModel' }
          : { kind: 'weights', weightsId: 'new-5678', sentence: 'This is a ResNet-18.', catalog: { ...catalog } },
      loadModel: async () => ({ sentence: 'Opened.' }),
    });
    const give = (name: string) =>
      act(async () => {
        fireEvent.change(screen.getByTestId('weights-input'), { target: { files: [new File(['x'], name)] } });
      });
    await give('new.pth');
    expect(chosen()).toBe('new-5678');
    expect(studioStore.getState().notice).toBe('This is a ResNet-18.');
    await rest();
    expect(engine.askedOf('compareNetworks')).toHaveLength(2);
    await give('saved.safetensors');
    expect(engine.askedOf('loadModel')).toHaveLength(1);
    expect(studioStore.getState().notice).toBe('Opened.');
  });

  it('of one’s own can be said to have been fed otherwise', async () => {
    const engine = await show({ correctWeights: async () => ({ catalog: { ...catalog } }) });
    await act(async () =>
      fireEvent.change(screen.getByLabelText('Pictures were fed as'), { target: { value: 'halves' } }),
    );
    expect(engine.askedOf('correctWeights')).toEqual([
      { weightsId: 'mine-1234', architecture: 'resnet18', feeding: 'halves' },
    ]);
    await rest();
    expect(engine.askedOf('compareNetworks')).toHaveLength(2);
  });

  it('of one’s own are taken away, and what comes with the studio is chosen again', async () => {
    const engine = await show({ removeWeights: async () => ({ catalog: { ...catalog } }) });
    await act(async () => fireEvent.click(radios()[1] as HTMLElement));
    expect(screen.getAllByTestId('remove-weights')).toHaveLength(1);
    await click('remove-weights');
    expect(engine.askedOf('removeWeights')).toEqual([{ weightsId: 'mine-1234' }]);
    expect(chosen()).toBe(option?.default);
  });
});

describe('a network on the hub', () => {
  const field = () => screen.getByTestId('hub-address') as HTMLInputElement;
  const type = (text: string) => act(async () => fireEvent.change(field(), { target: { value: text } }));

  it('is offered where a public file is known, and what would happen is said before anything does', async () => {
    const engine = await show();
    expect(screen.getAllByTestId('ask-hub')).toHaveLength(2);
    expect(screen.getAllByTestId('ask-hub')[0]?.textContent).toBe('Fetch from the hub … ResNet-34');
    await click('ask-hub');
    const form = screen.getByRole('region', { name: 'Fetch ResNet-34 from the hub' });
    expect(form.textContent).toContain('asks huggingface.co');
    expect(form.textContent).toContain('model.safetensors of timm/resnet34.tv_in1k, about 85 MB');
    expect(form.textContent).toContain('Nothing of yours is sent');
    expect(form.textContent).toContain('Licence: BSD-3-Clause.');
    expect(field().value).toBe(usualHub);
    expect(document.activeElement).toBe(form);
    await click('close-hub');
    expect(document.activeElement).toBe(screen.getAllByTestId('ask-hub')[0]);
    await click('ask-hub');
    fireEvent.keyDown(field(), { key: 'Escape' });
    expect(screen.queryByTestId('hub-form')).toBeNull();
    expect(engine.askedOf('fetchWeights')).toEqual([]);
    expect(localStorage).toHaveLength(0);
  });

  it('is fetched from an own mirror, with its progress, and is chosen', async () => {
    let answer: (fetched: Awaited<ReturnType<CommandHandlers['fetchWeights']>>) => void = () => {};
    const engine = await show({ fetchWeights: () => new Promise((resolve) => (answer = resolve)) });
    await click('ask-hub');
    await type('mirror.example');
    expect(isOff('fetch-weights')).toBe(true);
    expect(field().getAttribute('aria-invalid')).toBe('true');
    await click('fetch-weights');
    expect(engine.askedOf('fetchWeights')).toEqual([]);
    await type(' https://mirror.example/hf ');
    expect(screen.getByTestId('hub-host').textContent).toBe('mirror.example');
    await click('fetch-weights');
    expect(engine.askedOf('fetchWeights')).toEqual([{ architecture: 'resnet34', hubUrl: 'https://mirror.example/hf' }]);
    expect(screen.getByTestId('hub-download').textContent).toContain('Asking the hub …');
    expect(document.activeElement).toBe(screen.getByTestId('stop-fetch'));
    expect(screen.getByText(/ResNet-34 is being fetched\./)).toBeTruthy();
    const bytes = { done: 43_000_000, total: 87_000_000 };
    await act(async () => engine.send([{ type: 'weightsProgress', architecture: 'resnet34', bytes, atMs: 1 }]));
    expect(within(screen.getByTestId('hub-download')).getByRole('progressbar').getAttribute('aria-valuenow')).toBe(
      '49',
    );
    expect(screen.getByTestId('hub-download').textContent).toContain('43 MB of 87 MB');
    expect(screen.getByText(/^fetching ResNet-34, 49.%$/)).toBeTruthy();
    expect(localStorage.getItem('windowbox.hub')).toBeNull();

    await act(async () =>
      answer({ kind: 'weights', weightsId: 'resnet34-tv-in1k-1234', sentence: 'This is a ResNet-34.', catalog }),
    );
    expect(chosen()).toBe('resnet34-tv-in1k-1234');
    expect(studioStore.getState().notice).toBe('This is a ResNet-34.');
    expect(localStorage.getItem('windowbox.hub')).toBe('https://mirror.example/hf');
    expect(screen.queryByTestId('hub-download')).toBeNull();
  });

  it('that cannot be had says why where the address can be mended', async () => {
    const sentence = 'mirror.example could not be reached. Nothing was kept.';
    await show({ fetchWeights: () => Promise.reject(new EngineError('weightsUnavailable', sentence)) });
    await click('ask-hub');
    await type('https://mirror.example');
    await click('fetch-weights');
    expect(screen.getByRole('alert').textContent).toBe(sentence);
    expect(studioStore.getState().problem).toBeNull();
    expect(screen.getByText('ResNet-34 could not be fetched')).toBeTruthy();
    expect(localStorage).toHaveLength(0);
    await click('close-hub');
    expect(screen.queryByText('ResNet-34 could not be fetched')).toBeNull();
  });

  it('is stopped', async () => {
    let refuse: (reason: unknown) => void = () => {};
    await show({ fetchWeights: () => new Promise((_, reject) => (refuse = reject)) });
    await click('ask-hub');
    await click('fetch-weights');
    await click('stop-fetch');
    expect(isOff('stop-fetch')).toBe(true);
    await act(async () => refuse(new EngineError('cancelled', 'Stopped.')));
    expect(screen.queryByRole('alert')).toBeNull();
    expect(screen.getByTestId('hub-form')).toBeTruthy();
    expect(studioStore.getState()).toMatchObject({ hubFetch: null, problem: null });
  });
});
