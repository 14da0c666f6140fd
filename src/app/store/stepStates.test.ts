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
