import { expect, test } from 'vitest';
import { readJob, readQuery } from './benchJob.ts';

const query = (text: string) => readQuery(new URLSearchParams(text));

test('an address names networks, and the rest has its defaults', () => {
  expect(query('network=resnet34')).toEqual({
    deadlineSeconds: null,
    cases: [
      {
        executor: 'windowbox',
        network: 'resnet34',
        batchSize: 32,
        imageSizePx: 224,
        mode: 'train',
        steps: 30,
        budgetSeconds: 60,
        limitSeconds: 900,
        tiles: 'auto',
      },
    ],
  });
  expect(query('')).toBeNull();
});

test('lists are multiplied out, executors side by side', () => {
  const job = query('network=resnet18,head&batch=32,64&mode=train&executor=windowbox,stock&size=96&steps=5');
  expect(job?.cases).toHaveLength(8);
  expect(job?.cases.slice(0, 3)).toMatchObject([
    { network: 'resnet18', batchSize: 32, executor: 'windowbox', imageSizePx: 96, steps: 5 },
    { network: 'resnet18', batchSize: 32, executor: 'stock' },
    { network: 'resnet18', batchSize: 64, executor: 'windowbox' },
  ]);
});

test('a served job has runs of single values or lists, and ends before its server’s time is up', () => {
  const job = readJob({
    timeout: 100,
    flags: [],
    runs: [
      { network: 'resnet18', batch: 64 },
      { network: ['head'], mode: ['flat'] },
    ],
  });
  expect(job.deadlineSeconds).toBe(90);
  expect(job.cases).toMatchObject([
    { network: 'resnet18', batchSize: 64 },
    { network: 'head', mode: 'flat' },
  ]);
});

test.each([
  ['a job without runs', { cases: [] }, 'a list called "runs"'],
  ['a run without a network', { runs: [{ batch: 32 }] }, 'at least one network'],
  ['a field that there is not', { runs: [{ network: 'head', sise: 3 }] }, 'no field "sise"'],
  ['half a batch', { runs: [{ network: 'head', batch: 0.5 }] }, 'batch 0.5: give a whole number'],
  ['two numbers of steps', { runs: [{ network: 'head', steps: [3, 4] }] }, 'one number as steps'],
  ['an unknown mode', { runs: [{ network: 'head', mode: 'fast' }] }, 'fast: give one of train'],
  ['an unknown executor', { runs: [{ network: 'head', executor: 'cuda' }] }, 'cuda: give one of windowbox'],
  ['a timeout that is no number', { timeout: 'soon', runs: [] }, 'number of seconds'],
])('%s is refused with a sentence', (_title, job, sentence) => {
  expect(() => readJob(job)).toThrow(sentence);
});
