import { describe, expect, test } from 'vitest';
import { readJob } from '../../src/bench/benchJob.ts';
import { ARCHITECTURES } from '../../src/engine/models/catalog.ts';
import gpuJobs from './gpuJobs.json' with { type: 'json' };
import gpuStock64Jobs from './gpuStock64Jobs.json' with { type: 'json' };
import gpuStockJobs from './gpuStockJobs.json' with { type: 'json' };

/** One command on the GPU machine, less what starting a browser for each job takes. */
const COMMAND_SECONDS = 600;
const BROWSER_SECONDS = 3;

/** Of the acceptance table; scripts/parity/networks.py lists them too. */
const benched = ['resnet18', 'resnet34', 'resnet50', 'resnext50', 'mobilenet-v2', 'efficientnet-lite0'];
const known = [...ARCHITECTURES.map(({ id }) => id), 'head'];

describe.each([
  ['gpuJobs.json', gpuJobs],
  ['gpuStockJobs.json', gpuStockJobs],
  ['gpuStock64Jobs.json', gpuStock64Jobs],
])('%s', (_name, jobs) => {
  test('is understood by the bench’s page and names networks that there are', () => {
    const cases = jobs.flatMap((job) => readJob(job).cases);
    expect(cases.length).toBeGreaterThan(0);
    for (const { network } of cases) expect(known).toContain(network);
  });

  test('ends within one command on the GPU machine, whatever hangs', () => {
    const seconds = jobs.reduce((sum, { timeout }) => sum + timeout + BROWSER_SECONDS, 0);
    expect(seconds).toBeLessThan(COMMAND_SECONDS);
  });
});

test('every network trains at the batch sizes of the acceptance table, infers and trains a head', () => {
  const ours = gpuJobs.flatMap((job) => readJob(job).cases).filter(({ executor }) => executor === 'windowbox');
  for (const id of benched) {
    const asked = ours.filter(({ network }) => network === id).map(({ mode, batchSize }) => `${mode} ${batchSize}`);
    expect(asked).toEqual(expect.arrayContaining(['train 64', 'train 32', 'features 64', 'frozen 64']));
  }
  expect(ours).toContainEqual(expect.objectContaining({ mode: 'flat', steps: 1000 }));
});
