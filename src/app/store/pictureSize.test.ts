// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import { smallRun, smallRunLog } from '../testing/smallRun.ts';
import { appendTo } from './eventLog.ts';
import { findSizeSetter, growsByItself, optionsToGoOn, proposeLargerSize, sizeInForce } from './pictureSize.ts';

const recipeOf = (wanted: string) => {
  const recipe = smallRun.catalog.recipes.find(({ id }) => id === wanted);
  if (!recipe) throw new Error(`There is no recipe ${wanted}.`);
  return recipe;
};

describe('the picture size', () => {
  it('is set by the first step that has such a setting, whatever it is called', () => {
    expect(findSizeSetter(recipeOf('eight'))?.step.verb).toBe('prepareFeatures');
    expect(findSizeSetter(recipeOf('five'))?.step.verb).toBe('chooseNetwork');
    const { steps } = recipeOf('eight');
    expect(findSizeSetter({ ...recipeOf('eight'), steps: steps.slice(1) })).toBeNull();
  });

  it('needs no button where the recipe has a step for larger pictures', () => {
    const growing = smallRun.catalog.recipes.filter(growsByItself).map(({ id }) => id);
    expect(growing).toEqual(['breeds', 'satellite']);
  });

  it('is that of the newest finished step that set it, by an engine that is still there', () => {
    const log = smallRunLog();
    const recorded = sizeInForce(log, 0);
    expect(recorded).toBe(log.stepRuns[0]?.started.settings.imageSizePx);
    expect(sizeInForce(log, log.stepRuns.length)).toBeNull();
    const started = { type: 'stepStarted', stepId: 'grow', seed: 1, atMs: 0 } as const;
    appendTo(log, { ...started, settings: { imageSizePx: 299 } });
    expect(sizeInForce(log, 0)).toBe(recorded);
    appendTo(log, {
      type: 'stepEnded',
      stepId: 'grow',
      outcome: 'done',
      elapsedMs: 1,
      imagesPerSecond: null,
      memoryBytes: null,
      reading: '',
      error: null,
      atMs: 0,
    });
    expect(sizeInForce(log, 0)).toBe(299);
    appendTo(log, { type: 'networkInput', imageSizePx: 384, square: 'centreSquare', atMs: 1 });
    expect(sizeInForce(log, 0)).toBe(384);
  });

  it('goes on to the next usual one, and beyond them to the largest that the setting takes', () => {
    const option = findSizeSetter(recipeOf('eight'))?.option;
    if (!option) throw new Error('No step sets the size.');
    const proposals = [32, 64, 65, 128, 200, 224, 299, 384, 500].map((sizePx) => proposeLargerSize(sizePx, option));
    expect(proposals).toEqual([64, 96, 96, 160, 224, 299, 384, option.max, option.max]);
    expect(proposeLargerSize(224, { ...option, max: 256 })).toBe(256);
  });

  it('has every training and finder start from what is trained, and nothing else changed', () => {
    const { steps } = recipeOf('eight');
    const changed = optionsToGoOn(recipeOf('eight'));
    expect(new Set(changed.map(({ optionId, value }) => `${optionId} ${value}`))).toEqual(
      new Set(['startFrom trainedLayers']),
    );
    expect(changed.map(({ stepId }) => stepId)).toEqual(
      steps.filter(({ options }) => options.some(({ id }) => id === 'startFrom')).map(({ id }) => id),
    );
    expect(changed.length).toBeGreaterThan(3);
  });
});
