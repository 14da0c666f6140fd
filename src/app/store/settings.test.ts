// @vitest-environment happy-dom
import { describe, expect, it } from 'vitest';
import type { OptionSpec } from '../../protocol/recipe.ts';
import { readSeed, readShare } from '../panels/SplitSettings.tsx';
import { readUrlParameters } from '../urlParameters.ts';
import { optionsInForce, readOption, readSettings, summarizeSettings } from './optionValues.ts';
import { describeProblem } from './problems.ts';

const rate: OptionSpec = {
  kind: 'number',
  id: 'learningRate',
  label: 'Learning rate',
  help: '',
  default: 0.01,
  min: 1e-6,
  max: 10,
  isInteger: false,
  scale: 'log',
};
const size: OptionSpec = {
  ...rate,
  id: 'imageSizePx',
  label: 'Picture size',
  default: 224,
  min: 32,
  max: 512,
  isInteger: true,
  unit: 'px',
};
const network: OptionSpec = {
  kind: 'choice',
  id: 'backbone',
  label: 'Network',
  help: '',
  default: 'a',
  choices: [{ value: 'a', label: 'Net A' }],
};

describe('a step’s settings', () => {
  it('take a number as people write it', () => {
    expect(readOption(rate, '1e-2')).toEqual({ isValid: true, value: 0.01 });
    expect(readOption(rate, ' 0,5 ')).toEqual({ isValid: true, value: 0.5 });
    expect(readOption(rate, undefined)).toEqual({ isValid: true, value: 0.01 });
  });

  it('answer a value out of range with the range in a sentence', () => {
    expect(readOption(size, '1000')).toEqual({ isValid: false, problem: 'A whole number from 32 to 512 px.' });
    expect(readOption(size, '32.5')).toMatchObject({ isValid: false });
    expect(readOption(rate, '')).toEqual({ isValid: false, problem: 'A number from 1e-6 to 10.' });
    expect(readOption(network, 'b')).toEqual({ isValid: false, problem: 'One of: Net A.' });
  });

  it('are summed up in one line', () => {
    const { values, problems } = readSettings([network, size, rate], { imageSizePx: '160' });
    expect(problems).toEqual({});
    expect(summarizeSettings([network, size, rate], values)).toBe(
      'network Net A · picture size 160 px · learning rate 1e-2',
    );
  });
});

it('of many settings the first are summed up, and those that were changed', () => {
  const options = Array.from({ length: 8 }, (_, place) => ({ ...rate, id: `rate${place}`, label: `Rate ${place}` }));
  const { values } = readSettings(options, { rate6: '0.5' });
  expect(summarizeSettings(options, values)).toBe(
    'rate 0 1e-2 · rate 1 1e-2 · rate 2 1e-2 · rate 3 1e-2 · rate 4 1e-2 · rate 6 5e-1 · 2 more as they come',
  );
});

describe('settings that wait for another one', () => {
  const list: OptionSpec = {
    ...network,
    id: 'list',
    choices: ['a', 'own'].map((value) => ({ value, label: value })),
  };
  const crop: OptionSpec = {
    ...list,
    id: 'crop',
    default: 'random',
    choices: ['random', 'centre'].map((value) => ({ value, label: value })),
    onlyWhen: { optionId: 'list', isOneOf: ['own'] },
  };
  const border: OptionSpec = { ...rate, id: 'border', onlyWhen: { optionId: 'crop', isOneOf: ['random'] } };
  const options = [list, crop, border];
  const shown = (typed: Record<string, string>) =>
    optionsInForce(options, readSettings(options, typed).values).map(({ id }) => id);

  it('are there once it has the value, and those that wait for them in turn', () => {
    expect(shown({})).toEqual(['list']);
    expect(shown({ list: 'own' })).toEqual(['list', 'crop', 'border']);
    expect(shown({ list: 'own', crop: 'centre' })).toEqual(['list', 'crop']);
    // The crop is random, but plays no part.
    expect(shown({ list: 'a', crop: 'random' })).toEqual(['list']);
  });

  it('hold nothing up and are not summed up while they play no part, and keep what was typed', () => {
    const half = { list: 'a', crop: 'centre', border: '1e' };
    const { values, problems } = readSettings(options, half);
    expect(problems).toEqual({});
    expect(values).toEqual({ list: 'a', crop: 'centre', border: 0.01 });
    expect(summarizeSettings(options, values)).toBe('network a');
    expect(Object.keys(readSettings(options, { ...half, list: 'own', crop: 'random' }).problems)).toEqual(['border']);
  });
});

describe('the split', () => {
  it('takes a share as a percentage or as a fraction', () => {
    expect([readShare('20'), readShare('0.2'), readShare('60'), readShare('')]).toEqual([0.2, 0.2, null, null]);
  });

  it('takes a whole number as its seed', () => {
    expect([readSeed('7'), readSeed('-1'), readSeed('1.5'), readSeed('')]).toEqual([7, null, null, null]);
  });
});

describe('the address', () => {
  it('can ask for a whole run', () => {
    const parameters = readUrlParameters(
      '?data=a.zip&recipe=head&size=160&batch=16&seed=3&backend=wasm&run=1&usesAll=1&report=/done',
    );
    expect(parameters).toMatchObject({
      data: 'a.zip',
      recipe: 'head',
      seed: 3,
      backend: 'wasm',
      isRunWanted: true,
      usesAll: true,
      report: '/done',
    });
    expect(parameters.options).toEqual({ imageSizePx: '160', batchSize: '16' });
  });

  it('is ignored where it makes no sense', () => {
    expect(readUrlParameters('?backend=abacus&seed=x')).toMatchObject({
      backend: 'auto',
      seed: null,
      isRunWanted: false,
      usesAll: false,
    });
  });
});

describe('what a failure offers', () => {
  const error = (code: Parameters<typeof describeProblem>[0]['code']) => ({ code, sentence: 'It failed.' });

  it('is a smaller batch when memory ran out, where the step has one', () => {
    const batch: OptionSpec = { ...size, id: 'batchSize' };
    expect(describeProblem(error('outOfMemory'), 'a', [batch]).remedy).toBe('halveBatch');
    expect(describeProblem(error('outOfMemory'), 'a', []).remedy).toBe('openSettings');
  });

  it('is another folder when nothing could be read', () => {
    expect(describeProblem(error('datasetEmpty'), null).remedy).toBe('chooseFolder');
  });

  it('keeps the engine’s own sentence', () => {
    expect(describeProblem(error('lossNotFinite'), 'a', [rate])).toMatchObject({
      sentence: 'It failed.',
      remedy: 'lowerRate',
    });
  });
});
