import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { SetupError } from '../setup/setupError.mjs';
import { readRecipeOptions } from './recipeOptions.mjs';

const folder = os.tmpdir();

function refusalOf(args: readonly string[]): SetupError {
  try {
    readRecipeOptions(args);
  } catch (thrown) {
    if (thrown instanceof SetupError) return thrown;
    throw thrown;
  }
  throw new Error('The options were accepted.');
}

test('what is not given is left to the page, but for the seed', () => {
  const options = readRecipeOptions(['--data', folder, '--out', 'r.json']);
  expect(options).toMatchObject({
    dataFolder: folder,
    recipe: 'head',
    seed: 1,
    backend: 'auto',
    chromiumFlags: [],
    usesAll: false,
  });
  expect(options).toMatchObject({ labelsFile: null, testFolder: null, lastStep: null, sizesPx: [], looks: null });
  expect(options.everyStep).toEqual({});
  expect(options.byStep).toEqual({});
});

test('every option is read', () => {
  const numbers = ['--size', '128', '--batch', '16', '--epochs', '3', '--seed', '7', '--rate', '1e-2'];
  const words = ['--recipe', 'eight', '--backend', 'wasm', '--chromium-flags', '--one --two=2'];
  const network = ['--backbone', 'efficientnet-lite0'];
  const args = ['--data', folder, '--out', 'r.json', '--uses-all', ...numbers, ...words, ...network];
  expect(readRecipeOptions(args)).toMatchObject({
    recipe: 'eight',
    usesAll: true,
    seed: 7,
    sizesPx: [128],
    everyStep: { batchSize: 16, epochs: 3, learningRate: 0.01, backbone: 'efficientnet-lite0' },
    backend: 'wasm',
    chromiumFlags: ['--one', '--two=2'],
  });
});

test('a table is found from here or in the data folder, and test pictures, looks, sizes and the last step are read', () => {
  const data = mkdtempSync(path.join(folder, 'recipe-options-'));
  writeFileSync(path.join(data, 'labels.csv'), 'id,breed');
  const wanted = [
    '--labels',
    'labels.csv',
    '--test',
    folder,
    '--tta',
    '0',
    '--size',
    '64, 128',
    '--stop-after',
    'grow',
  ];
  const options = readRecipeOptions(['--data', data, '--out', 'r.json', ...wanted]);
  expect(options).toMatchObject({
    labelsFile: path.join(data, 'labels.csv'),
    testFolder: folder,
    looks: 0,
    sizesPx: [64, 128],
    lastStep: 'grow',
  });
  const byPath = ['--labels', path.join(data, 'labels.csv')];
  expect(readRecipeOptions(['--data', folder, '--out', 'r.json', ...byPath]).labelsFile).toBe(options.labelsFile);
  rmSync(data, { recursive: true });
});

test('a setting is given to one step, and each step may be given several', () => {
  const settings = ['fineTune.cycles=2', 'fineTune.learningRate=1e-3', 'augment.augmentation=topDown'];
  const args = settings.flatMap((setting) => ['--set', setting]);
  expect(readRecipeOptions(['--data', folder, '--out', 'r.json', ...args]).byStep).toEqual({
    fineTune: { cycles: '2', learningRate: '1e-3' },
    augment: { augmentation: 'topDown' },
  });
});

test.each([
  ['no data folder', ['--out', 'r.json'], /--data is missing/],
  ['a folder that is not there', ['--data', '/no/such/folder', '--out', 'r.json'], /there is no such folder/],
  ['no file for the report', ['--data', folder], /--out is missing/],
  ['a setting of no step', ['--data', folder, '--out', 'r.json', '--set', 'cycles=2'], /--set cycles=2: write it as/],
  [
    'a table that is not there',
    ['--data', folder, '--out', 'r.json', '--labels', 'no.csv'],
    /--labels no\.csv: there is no such file/,
  ],
  [
    'test pictures that are not there',
    ['--data', folder, '--out', 'r.json', '--test', '/no/such'],
    /--test \/no\/such: there is no such folder/,
  ],
  ['half a look', ['--data', folder, '--out', 'r.json', '--tta', '0.5'], /--tta 0\.5: give a whole number from 0 up/],
  ['a list with a gap', ['--data', folder, '--out', 'r.json', '--size', '64,,128'], /--size : give a whole number/],
  ['half a batch', ['--data', folder, '--out', 'r.json', '--batch', '1.5'], /--batch 1\.5: give a whole number/],
  ['an unknown backend', ['--data', folder, '--out', 'r.json', '--backend', 'gpu'], /give one of auto, webgpu/],
  ['an unknown option', ['--data', folder, '--out', 'r.json', '--sise', '64'], /--sise/],
])('%s ends with the usage and exit code 2', (_title, args, sentence) => {
  const refusal = refusalOf(args);
  expect(refusal.message).toMatch(sentence);
  expect(refusal.message).toContain('npm run recipe -- --data DIR');
  expect(refusal.exitCode).toBe(2);
});
