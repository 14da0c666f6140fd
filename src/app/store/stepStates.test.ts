import { describe, expect, it } from 'vitest';
import type { StepVerb } from '../../protocol/recipe.ts';
import { smallRun, smallRunLog } from '../testing/smallRun.ts';
import { appendTo, emptyLog } from './eventLog.ts';
import { nameSteps, rateReceivers, suggestionsOf } from './finder.ts';
import { isAllDone, nextStep, stepState, whyNotRunnable } from './stepStates.ts';

const recipe = smallRun.catalog.recipes[0];
if (!recipe) throw new Error('The recorded run has no recipe.');
const fresh: Parameters<typeof stepState>[1] = {
  recipe,
  log: emptyLog(),
  runningStepId: null,
  hasDataset: true,
  hasValidation: true,
  hasTestPictures: true,
  firstValidRun: 0,
};
const lived = { ...fresh, log: smallRunLog() };
const statesOf = (situation: typeof fresh) => recipe.steps.map((step) => stepState(step, situation));
const byVerb = (verb: string) => {
  const step = recipe.steps.find((candidate) => candidate.verb === verb);
  if (!step) throw new Error(`The recipe has no step that does ${verb}.`);
  return step;
};

describe('where the steps stand', () => {
  it('only what needs nothing is ready at first', () => {
    expect(stepState(byVerb('prepareFeatures'), fresh)).toBe('ready');
    expect(stepState(byVerb('trainHead'), fresh)).toBe('blocked');
  });

  it('after the recorded run its three steps are done, and the one behind them comes next', () => {
    expect(statesOf(lived).slice(0, 5)).toEqual(['done', 'done', 'done', 'ready', 'ready']);
    expect(new Set(statesOf(lived).slice(5, 8))).toEqual(new Set(['blocked']));
    // Something is trained, so that several looks at it can be taken.
    expect(statesOf(lived)[8]).toBe('ready');
    expect(nextStep(lived)?.number).toBe(4);
  });

  it('nothing can be judged where everything is learnt from, and the step that would says so', () => {
    const looks = byVerb('testTimeAugmentation');
    const onAll = { ...lived, hasValidation: false };
    expect([stepState(looks, lived), stepState(looks, onAll)]).toEqual(['ready', 'blocked']);
    expect(whyNotRunnable(looks, onAll)).toMatch(/none to judge/);
    expect(whyNotRunnable(byVerb('trainHead'), onAll)).toBeNull();
  });

  it('several looks no longer count once another training came after them, though they can do without it', () => {
    const log = smallRunLog();
    const tell = (stepId: string) => {
      appendTo(log, { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 });
      appendTo(log, {
        type: 'stepEnded',
        stepId,
        outcome: 'done',
        elapsedMs: 1,
        imagesPerSecond: null,
        memoryBytes: null,
        reading: '',
        error: null,
        atMs: 0,
      });
    };
    const looks = byVerb('testTimeAugmentation');
    expect(stepState(looks, { ...fresh, log })).toBe('ready');
    tell(looks.id);
    expect(stepState(looks, { ...fresh, log })).toBe('done');
    tell(byVerb('trainHeadOnPictures').id);
    expect(stepState(looks, { ...fresh, log })).toBe('ready');
  });

  it('a result no longer counts once a step it needs was run again', () => {
    const log = smallRunLog();
    const prepared = log.stepRuns.find((run) => run.stepId === byVerb('prepareFeatures').id);
    if (prepared) log.stepRuns.push({ ...prepared });
    expect(stepState(byVerb('trainHead'), { ...fresh, log })).toBe('ready');
  });

  it('nor does one that was built on such a result', () => {
    const log = smallRunLog();
    const again = (verb: StepVerb) => {
      const run = log.stepRuns.find((candidate) => candidate.stepId === byVerb('trainHead').id);
      if (run) log.stepRuns.push({ ...run, stepId: byVerb(verb).id });
    };
    again('unfreeze');
    again('setRates');
    expect(stepState(byVerb('setRates'), { ...fresh, log })).toBe('done');
    again('prepareFeatures');
    again('trainHead');
    // Step 5 was run before step 3 was run again; what it unfroze, step 1 has frozen since.
    expect(stepState(byVerb('unfreeze'), { ...fresh, log })).toBe('ready');
    expect(stepState(byVerb('setRates'), { ...fresh, log })).toBe('blocked');
  });

  it('nothing counts as done that an engine did which is gone', () => {
    const restarted = { ...lived, firstValidRun: lived.log.stepRuns.length };
    expect(stepState(byVerb('prepareFeatures'), restarted)).toBe('ready');
    expect(stepState(byVerb('trainHead'), restarted)).toBe('blocked');
  });

  it('a step that cannot run says why', () => {
    const first = byVerb('prepareFeatures');
    expect(whyNotRunnable(byVerb('trainHead'), fresh)).toBe(`Run step ${first.number} (${first.title}) first.`);
    expect(whyNotRunnable(first, { ...fresh, hasDataset: false })).toMatch(/Open a folder/);
    expect(whyNotRunnable(first, { ...lived, runningStepId: byVerb('trainHead').id })).toMatch(/is running/);
    expect(whyNotRunnable(first, fresh)).toBeNull();
  });

  it('without a test folder its step says so, and nobody waits for it', () => {
    const predict = byVerb('predictTest');
    const others = recipe.steps.filter((step) => step !== predict);
    const log = smallRunLog();
    const [run] = log.stepRuns;
    for (const { id } of others) if (run) log.stepRuns.push({ ...run, stepId: id });
    const [withTest, without] = [true, false].map((hasTestPictures) => ({ ...fresh, log, hasTestPictures }));
    if (!withTest || !without) throw new Error('There are two situations.');
    expect([stepState(predict, withTest), nextStep(withTest), isAllDone(withTest)]).toEqual(['ready', predict, false]);
    expect([stepState(predict, without), nextStep(without), isAllDone(without)]).toEqual(['blocked', null, true]);
    expect(whyNotRunnable(predict, withTest)).toBeNull();
    expect(whyNotRunnable(predict, without)).toContain('There is no test folder in these pictures');
  });

  it('a finder’s rate goes to the steps that have one, up to the next finder', () => {
    const finder = byVerb('findLearningRate');
    const numbersOf = (finderId: string) => rateReceivers(recipe, finderId).map(({ number }) => number);
    expect(numbersOf(finder.id)).toEqual([3, 4]);
    expect(numbersOf(byVerb('findNetworkRate').id)).toEqual([8]);
    expect(nameSteps(rateReceivers(recipe, finder.id))).toBe('Steps 3 and 4');
    expect(suggestionsOf(lived.log, finder.id).length).toBeGreaterThan(0);
  });
});

describe('a recipe whose pictures grow', () => {
  const satellite = smallRun.catalog.recipes.find(({ id }) => id === 'satellite') ?? recipe;
  const { steps } = satellite;
  const idAt = (index: number) => steps[index]?.id ?? '';
  const growth = steps.findIndex(({ verb }) => verb === 'changeSize');

  /** The situation after these steps were run in this order, all of them to their end. */
  function havingRun(stepIds: readonly string[]): typeof fresh {
    const log = emptyLog();
    for (const stepId of stepIds) {
      appendTo(log, { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 });
      appendTo(log, {
        type: 'stepEnded',
        stepId,
        outcome: 'done',
        elapsedMs: 1,
        imagesPerSecond: null,
        memoryBytes: null,
        reading: '',
        error: null,
        atMs: 0,
      });
    }
    return { ...fresh, recipe: satellite, log };
  }
  const stateAt = (index: number, situation: typeof fresh) =>
    stepState(steps[index] as (typeof steps)[number], situation);
  const firstIds = (count: number) => steps.slice(0, count).map(({ id }) => id);

  it('is run step after step, each kind of step as often as it stands there', () => {
    for (let count = 0; count <= steps.length; count++) {
      const situation = havingRun(firstIds(count));
      expect(steps.map((_, index) => stateAt(index, situation)).slice(0, count)).toEqual(Array(count).fill('done'));
      expect(nextStep(situation)?.id).toBe(steps[count]?.id);
    }
  });

  it('keeps what was trained at the smaller size done, but does not run it at the larger one', () => {
    const grown = havingRun(firstIds(growth + 1));
    const newLayers = steps.findIndex(({ verb }) => verb === 'trainHeadOnPictures');
    expect(stateAt(newLayers, grown)).toBe('done');
    expect(whyNotRunnable(steps[newLayers] as (typeof steps)[number], grown)).toBe(
      `Step ${growth + 1} (${steps[growth]?.title}) has changed the picture size since. Run step 1 (${steps[0]?.title}) again to go back to its picture size.`,
    );
    expect(whyNotRunnable(steps[0] as (typeof steps)[number], grown)).toBeNull();
    expect(whyNotRunnable(steps[growth] as (typeof steps)[number], grown)).toBeNull();
    expect(whyNotRunnable(steps[growth + 1] as (typeof steps)[number], grown)).toBeNull();
  });

  it('passes over a step that was left out before the pictures grew', () => {
    const finder = steps.findIndex(({ verb }) => verb === 'findNetworkRate');
    const withoutFinder = firstIds(growth + 1).filter((id) => id !== idAt(finder));
    expect(stateAt(finder, havingRun(withoutFinder.slice(0, -1)))).toBe('ready');
    expect(stateAt(finder, havingRun(withoutFinder))).toBe('blocked');
    expect(nextStep(havingRun(withoutFinder))?.id).toBe(idAt(growth + 1));
  });

  it('begins again when its first step is run again, and the steps behind wait for the ones before them', () => {
    const back = havingRun([...firstIds(growth + 2), idAt(0)]);
    expect(stateAt(0, back)).toBe('done');
    expect(stateAt(1, back)).toBe('ready');
    expect(stateAt(growth, back)).toBe('blocked');
    expect(whyNotRunnable(steps[2] as (typeof steps)[number], back)).toBeNull();
  });

  it('gives the finder’s rate to every training of every size', () => {
    const finder = steps.findIndex(({ verb }) => verb === 'findNetworkRate');
    expect(nameSteps(rateReceivers(satellite, idAt(finder)))).toBe('Steps 3, 6, 8, 10, 12 and 14');
  });
});
