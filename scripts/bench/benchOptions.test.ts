import path from 'node:path';
import { expect, test } from 'vitest';
import { readQuery } from '../../src/bench/benchJob.ts';
import { SetupError } from '../setup/setupError.mjs';
import { readBenchOptions, toQuery } from './benchOptions.mjs';

function refusalOf(args: readonly string[]): SetupError {
  try {
    readBenchOptions(args);
  } catch (thrown) {
    if (thrown instanceof SetupError) return thrown;
    throw thrown;
  }
  throw new Error('The options were accepted.');
}

test('without options the table’s networks train at 224 px, stock beside them', () => {
  const { run, isSmallest, chromiumFlags } = readBenchOptions([]);
  expect(run).toEqual({
    network: ['resnet34', 'resnet50', 'mobilenet-v2', 'efficientnet-lite0'],
    batch: [32],
    size: [224],
    mode: ['train'],
    executor: ['windowbox', 'stock'],
    steps: 30,
    budget: 60,
  });
  expect({ isSmallest, chromiumFlags }).toEqual({ isSmallest: false, chromiumFlags: [] });
});

test('every option is read', () => {
  const lists = ['--network', 'resnet18, head', '--batch', '32,64', '--size', '64,96', '--mode', 'train,features'];
  const others = ['--executor', 'windowbox', '--steps', '7', '--budget', '9', '--json', 'out.json'];
  const options = readBenchOptions([...lists, ...others, '--chromium-flags', '--one --two=2']);
  expect(options).toEqual({
    run: {
      network: ['resnet18', 'head'],
      batch: [32, 64],
      size: [64, 96],
      mode: ['train', 'features'],
      executor: ['windowbox'],
      steps: 7,
      budget: 9,
    },
    isSmallest: false,
    chromiumFlags: ['--one', '--two=2'],
    jsonFile: path.resolve('out.json'),
  });
});

test('the smallest is one network at one size by both executors', () => {
  const { run, isSmallest } = readBenchOptions(['--smallest', '--budget', '5']);
  expect(isSmallest).toBe(true);
  expect(readQuery(new URLSearchParams(toQuery(run)))?.cases).toMatchObject([
    { executor: 'windowbox', network: 'resnet18', mode: 'train', budgetSeconds: 5 },
    { executor: 'stock', network: 'resnet18', mode: 'train', budgetSeconds: 5 },
  ]);
});

test.each([
  ['half a batch', ['--batch', '1.5'], /--batch 1\.5: give whole numbers/],
  ['two numbers of steps', ['--steps', '3,4'], /--steps 3,4: give one number/],
  ['an unknown mode', ['--mode', 'train,fast'], /give some of train, frozen, features, flat/],
  ['an unknown executor', ['--executor', 'cuda'], /give some of windowbox, stock/],
  ['no network', ['--network', ','], /--network is empty/],
  ['a size for the smallest', ['--smallest', '--size', '64'], /--smallest chooses/],
  ['an unknown option', ['--sise', '64'], /--sise/],
])('%s ends with the usage and exit code 2', (_title, args, sentence) => {
  const refusal = refusalOf(args);
  expect(refusal.message).toMatch(sentence);
  expect(refusal.message).toContain('npm run bench [-- options]');
  expect(refusal.exitCode).toBe(2);
});
