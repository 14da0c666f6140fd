import { expect, test } from 'vitest';
import type { BenchCase } from './benchJob.ts';
import { buildCaseNetwork } from './caseNetwork.ts';
import { measureSteps } from './caseTools.ts';

const benchCase: BenchCase = {
  executor: 'windowbox',
  network: 'head',
  batchSize: 8,
  imageSizePx: 224,
  mode: 'train',
  steps: 30,
  budgetSeconds: 60,
  limitSeconds: 900,
  tiles: 'auto',
};

/** Steps of 100 ms with 12 dispatches in two submits; the first of all takes two seconds more and 20 dispatches more. */
function createFake(loss: number | null) {
  let timeMs = 0;
  let isFirst = true;
  const meter = { dispatches: 0, submits: 0, bufferBytes: 500, peakBufferBytes: 700, lastSubmitMs: 0 };
  const jsMs: number[] = [];
  const running = {
    jsMs,
    gpuBytes: () => 400,
    lastLoss: () => loss,
    run: async (count: number) => {
      for (let step = 0; step < count; step++) {
        timeMs += isFirst ? 2100 : 100;
        meter.dispatches += isFirst ? 32 : 12;
        meter.submits += 2;
        jsMs.push(isFirst ? 1000 : 3);
        isFirst = false;
      }
    },
  };
  const tools = { meter, nowMs: () => timeMs, tell: () => {}, readJsHeapBytes: async () => null };
  return { running, tools };
}

test('a step’s numbers are those of the steps after the first, which counts as first use', async () => {
  const { running, tools } = createFake(2.3);
  const network = buildCaseNetwork(benchCase);
  const measured = await measureSteps(running, benchCase, network, tools, 0);
  expect(measured).toMatchObject({
    imagesPerSecond: 80,
    stepMs: 100,
    timedSteps: 30,
    stepsPerBlock: 5,
    firstUseSeconds: 2.1,
    jsMsPerStep: 3,
    dispatches: 12,
    submits: 2,
    gpuBytes: 400,
    peakBufferBytes: 700,
    lastLoss: 2.3,
    memoryLooks: null,
  });
  // Two for each multiply-add of 2560 -> 512 -> 10, three passes, eight items, a tenth of a second.
  const flops = 2 * 3 * 8 * (2560 * 512 + 512 * 10);
  expect(measured.teraflopsPerSecond).toBeCloseTo(flops / 0.1 / 1e12, 12);
});

test('steps whose loss is not a number are not reported', async () => {
  const { running, tools } = createFake(Number.NaN);
  await expect(measureSteps(running, benchCase, buildCaseNetwork(benchCase), tools, 0)).rejects.toThrow(
    'cannot be trusted',
  );
});

test('on a frozen body only the head learns, and the body is counted once', () => {
  const at = (mode: BenchCase['mode']) =>
    buildCaseNetwork({ ...benchCase, network: 'mobilenet-v2', imageSizePx: 32, mode });
  const [frozen, features] = [at('frozen'), at('features')];
  expect(frozen.learning.every((name) => name.startsWith('head.'))).toBe(true);
  const { body, head } = frozen.frozen ?? {};
  const partNames = [body, head].flatMap((graph) => graph?.parameters.map(({ name }) => name));
  expect(frozen.graph.parameters.map(({ name }) => name)).toEqual(partNames);
  expect(frozen.flopsPerItem - features.flopsPerItem).toBe(2 * 3 * (2560 * 512 + 512 * 10));
  expect(features.learning).toEqual([]);
  expect(() => buildCaseNetwork({ ...benchCase, mode: 'frozen' })).toThrow('no mode frozen');
});
