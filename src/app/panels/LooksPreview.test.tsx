// @vitest-environment happy-dom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AugmentationPreview } from '../../protocol/looks.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { type Actions, createActions, type LookChoice } from '../store/actions.ts';
import { appendEvents, startNewLog } from '../store/eventLog.ts';
import { initialSettings, setOption, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from '../testing/smallRun.ts';
import { ActionsProvider } from './actionsContext.ts';
import { LooksPreview } from './LooksPreview.tsx';
import { StepSettings } from './StepSettings.tsx';

const step = smallRun.catalog.recipes[0]?.steps.find(({ options }) =>
  options.some(({ changesLooks }) => changesLooks),
) as RecipeStep;
const typed = 'maxZoom';
const pixel = (value: number) => Uint8ClampedArray.from([value, value, value, 255]);

let asked: LookChoice[] = [];
let drawn: number[] = [];
let answer: (choice: LookChoice) => AugmentationPreview | string;

const looksAt = ({ pictureNumber, seed, lookCount }: LookChoice): AugmentationPreview => ({
  pictureId: smallRun.dataset.pictures[pictureNumber]?.id ?? 0,
  sizePx: 1,
  square: 'centreSquare',
  plain: pixel(100),
  looks: Array.from({ length: lookCount }, (_, look) => pixel(seed + look)),
});

async function show() {
  const actions: Actions = {
    ...createActions(() => {
      throw new Error('There is no engine in this test.');
    }),
    previewLooks: async (_, choice) => {
      asked.push(choice);
      return answer(choice);
    },
  };
  render(
    <ActionsProvider value={actions}>
      <StepSettings step={step} isRunning={false} />
      <LooksPreview step={step} />
    </ActionsProvider>,
  );
  await rest();
}

const rest = () => act(() => vi.advanceTimersByTimeAsync(300));
const change = (optionId: string, value: string | number) => act(() => setOption(step.id, optionId, value));

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  drawn = [];
  answer = looksAt;
  startNewLog();
  studioStore.setState({ ...initialStudio(), engine: 'ready', catalog: smallRun.catalog, dataset: smallRun.dataset });
  settingsStore.setState(initialSettings(), true);
  const putImageData = ({ data }: ImageData) => drawn.push(data[0] as number);
  vi.stubGlobal(
    'ImageData',
    class {
      readonly data: Uint8ClampedArray;
      constructor(data: Uint8ClampedArray) {
        this.data = data;
      }
    },
  );
  // Of a canvas only this is used.
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({ putImageData } as never);
});
afterEach(() => {
  cleanup();
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('one picture, eight looks', () => {
  it('draws the plain look and eight changed ones, each with its name', async () => {
    await show();
    expect(drawn).toEqual([100, 1, 2, 3, 4, 5, 6, 7, 8]);
    const names = screen.getAllByRole('img').map((canvas) => canvas.getAttribute('aria-label'));
    expect(names[0]).toBe(`${smallRun.dataset.pictures[0]?.path}, as validation sees it`);
    expect(names.slice(1)).toEqual(Array.from({ length: 8 }, (_, look) => `Changed look ${look + 1} of 8`));
  });

  it('goes on to another picture, and to other looks at the same one', async () => {
    await show();
    fireEvent.click(screen.getByTestId('another-picture'));
    await rest();
    fireEvent.click(screen.getByTestId('other-looks'));
    await rest();
    expect(asked).toEqual([
      { pictureNumber: 0, seed: 1, lookCount: 8 },
      { pictureNumber: 1, seed: 1, lookCount: 8 },
      { pictureNumber: 1, seed: 2, lookCount: 8 },
    ]);
    expect(screen.getAllByRole('img')[0]?.getAttribute('aria-label')).toContain(smallRun.dataset.pictures[1]?.path);
  });

  it('follows what is typed once the typing rests, and nothing that changes no look', async () => {
    await show();
    await change(typed, '1');
    await change(typed, '1.');
    await change(typed, '1.2');
    expect(asked).toHaveLength(1);
    await rest();
    expect(asked).toHaveLength(2);
    await change('batchSize', '16');
    // Plays no part in a list that is not one's own.
    await change('maxDegrees', '45');
    await rest();
    expect(asked).toHaveLength(2);
  });

  it('says what cannot be used, and keeps the looks until it can', async () => {
    await show();
    await change(typed, '99');
    await rest();
    expect(asked).toHaveLength(1);
    expect(screen.getAllByRole('img')).toHaveLength(9);
    expect(screen.getByRole('status').textContent).toMatch(/: A number from /);
  });

  it('is off with its reason while a step runs, and keeps what is shown', async () => {
    await show();
    act(() => studioStore.setState({ runningStepId: smallRun.catalog.recipes[0]?.steps[0]?.id ?? '' }));
    expect(screen.getByRole('status').textContent).toBe('Step 1 is running. Looks are drawn again when it ends.');
    fireEvent.click(screen.getByTestId('another-picture'));
    await rest();
    expect(asked).toHaveLength(1);
    expect(screen.getAllByRole('img')).toHaveLength(9);
    expect(screen.getByTestId('other-looks').getAttribute('aria-disabled')).toBe('true');
  });

  it('tells in a sentence that a picture cannot be shown, and goes on to the next', async () => {
    answer = (choice) => (choice.pictureNumber === 0 ? 'The picture is damaged.' : looksAt(choice));
    await show();
    expect(screen.getByRole('status').textContent).toBe('The picture is damaged.');
    fireEvent.click(screen.getByTestId('another-picture'));
    await rest();
    expect(screen.queryByRole('status')).toBeNull();
    expect(drawn).toHaveLength(9);
  });

  it('folds away once the step has run, asks for nothing then, and opens again', async () => {
    appendEvents([{ type: 'stepStarted', stepId: step.id, settings: {}, seed: 1, atMs: 1 }]);
    await show();
    expect(asked).toEqual([]);
    fireEvent.click(screen.getByText('One picture, eight looks'));
    await rest();
    expect(asked).toHaveLength(1);
  });
});

describe('the form of a step', () => {
  it('shows the fields of a list of one’s own only with it', async () => {
    await show();
    const ids = () =>
      [...document.querySelectorAll('[data-option-id]')].map((field) => field.getAttribute('data-option-id'));
    const listIds = ['flips', 'maxDegrees', 'brightness', 'contrast', 'crop', 'padding'];
    expect(ids()).not.toEqual(expect.arrayContaining([listIds[0]]));
    await change('augmentation', 'custom');
    expect(ids()).toEqual(expect.arrayContaining(listIds));
    await change('crop', 'centre');
    expect(ids()).not.toContain('padding');
    await change('augmentation', 'none');
    expect(ids()).not.toContain('maxZoom');
  });
});
