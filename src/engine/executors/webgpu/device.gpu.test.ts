import '@tensorflow/tfjs-backend-cpu';
import { describe, expect, test } from 'vitest';
import { GraphBuilder } from '../../graph/graph.ts';
import { LESSON_SGD } from '../../optimizers/optimizer.ts';
import { expectSameAsReference, spreadParameters } from '../../testing/compareExecutors.ts';
import { hashedValues } from '../../testing/formula.ts';
import { createTestExecutor, openGpu, useGpu } from '../../testing/gpu.ts';
import * as tf from '../../tf.ts';
import type { Executor } from '../executor.ts';
import { createReferenceExecutor } from '../reference/referenceExecutor.ts';
import type { DeviceNotes } from './deviceNotes.ts';
import { openWebGpu } from './openWebGpu.ts';
import { findDisagreement } from './selfTest.ts';
import { createTileTuner } from './tileTuner.ts';
import { createWebGpuExecutor } from './webgpuExecutor.ts';

const gpu = useGpu();
const nowMs = () => performance.now();
const BATCH = 4;

function buildSmall() {
  const builder = new GraphBuilder([6, 6, 3]);
  const convolved = builder.conv2d('convolution', builder.input, { outChannels: 8, kernelSize: 3, padding: 1 });
  const normal = builder.batchNorm('norm', convolved, { epsilon: 1e-5, momentum: 0.1 });
  builder.linear('last', builder.averagePool(builder.activation(normal, 'relu')), 3);
  return builder.build();
}

const graph = buildSmall();
const names = graph.parameters.filter(({ isLearned }) => isLearned).map(({ name }) => name);
const makeBatch = (step: number) => ({
  count: BATCH,
  inputs: hashedValues(BATCH * 108, step + 1),
  labels: Int32Array.from({ length: BATCH }, (_, item) => (item + step) % 3),
});
const options = {
  groups: [{ names, learningRate: 0.01, weightDecay: 0 }],
  rule: LESSON_SGD,
  maxGradientNorm: null,
  dropoutSeed: 1,
};

async function createSmall(executor: Executor) {
  const network = await executor.create(graph, { batchSize: BATCH, learning: names });
  network.writeParameters(spreadParameters(graph));
  return network;
}

/** Counts what is made on the device from now on and has not been destroyed. */
function countLiveBytes(device: GPUDevice): () => number {
  const live = new Set<GPUBuffer>();
  const createBuffer = device.createBuffer.bind(device);
  device.createBuffer = (descriptor) => {
    const buffer = createBuffer(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    live.add(buffer);
    buffer.destroy = () => {
      live.delete(buffer);
      return destroy();
    };
    return buffer;
  };
  return () => [...live].reduce((sum, { size }) => sum + size, 0);
}

describe('a step', () => {
  test('makes no buffer, bind group or pipeline, however many there are', async () => {
    const { device } = gpu();
    const network = await createSmall(createTestExecutor(gpu()));
    for (let step = 0; step < 40; step++) await network.trainStep(makeBatch(step), options);
    await network.finishSteps();
    let made = 0;
    for (const method of [
      'createBuffer',
      'createBindGroup',
      'createShaderModule',
      'createComputePipelineAsync',
    ] as const) {
      const original = device[method].bind(device) as (...args: unknown[]) => unknown;
      Object.defineProperty(device, method, {
        configurable: true,
        value: (...args: unknown[]) => {
          made += 1;
          return original(...args);
        },
      });
    }
    for (let step = 0; step < 200; step++) {
      await network.trainStep(makeBatch(step), options);
      network.takeMetrics();
    }
    expect(made).toBe(0);
    for (const method of ['createBuffer', 'createBindGroup', 'createShaderModule', 'createComputePipelineAsync']) {
      Reflect.deleteProperty(device, method);
    }
    network.dispose();
  });

  test('is the same when its parameters do not fit into one arena', async () => {
    await tf.setBackend('cpu');
    const executor = createWebGpuExecutor(gpu(), { nowMs, isPoisoned: true, largestArenaBytes: 4096 });
    await expectSameAsReference(executor, createReferenceExecutor(), { graph, batchSize: BATCH, counts: [4, 3] });
  });
});

describe('memory', () => {
  test('is known before the first step and told as the peak', async () => {
    const executor = createTestExecutor(gpu());
    expect(executor.takePeakBytes()).toBe(0);
    const network = await createSmall(executor);
    expect(network.memory?.totalBytes).toBeGreaterThan(4 * BATCH * 36 * 8);
    expect(executor.takePeakBytes()).toBe(network.memory?.totalBytes);
    network.dispose();
    executor.takePeakBytes();
    expect(executor.takePeakBytes()).toBe(0);
  });

  test('is estimated before a network is made, as its plan will have it', async () => {
    const executor = createWebGpuExecutor(gpu(), { nowMs });
    for (const learning of [names, []]) {
      const estimate = executor.estimateMemory(graph, { batchSize: BATCH, learning });
      expect(executor.takePeakBytes()).toBe(0);
      const network = await executor.create(graph, { batchSize: BATCH, learning });
      expect(estimate).toEqual({
        totalBytes: network.memory.totalBytes,
        place: 'on the graphics card',
        isCounted: true,
        obstacle: null,
      });
      network.dispose();
      executor.takePeakBytes();
      executor.takePeakBytes();
    }
  });

  test('comes back to the last byte: at another batch size, after an end in the middle of a step, and where there was no room', async () => {
    const compute = await openGpu();
    const { device } = compute;
    const liveBytes = countLiveBytes(device);
    const executor = createTestExecutor(compute);
    for (const batchSize of [BATCH, 2 * BATCH]) {
      const network = await executor.create(graph, { batchSize, learning: names });
      network.writeParameters(spreadParameters(graph));
      await network.trainStep(makeBatch(0), options);
      expect(liveBytes()).toBeGreaterThanOrEqual(network.memory.totalBytes);
      network.dispose();
      expect(liveBytes()).toBe(0);
    }
    const popErrorScope = device.popErrorScope.bind(device);
    device.popErrorScope = async () => (await popErrorScope()) ?? new GPUOutOfMemoryError('as if the card were full');
    await expect(createSmall(executor)).rejects.toMatchObject({ code: 'outOfMemory' });
    expect(liveBytes()).toBe(0);
    expect(compute.problem).toBeNull();
    compute.close();
  });

  test('that the card does not allow in one piece is refused with the batch that would fit', async () => {
    const executor = createTestExecutor(gpu());
    const allowed = gpu().device.limits.maxStorageBufferBindingSize;
    const builder = new GraphBuilder([64, 64, 3]);
    builder.linear(
      'last',
      builder.averagePool(builder.conv2d('wide', builder.input, { outChannels: 256, kernelSize: 1, padding: 0 })),
      2,
    );
    const batchSize = Math.ceil((1.5 * allowed) / (4 * 64 * 64 * 256));
    const fitting = Math.floor(allowed / (4 * 64 * 64 * 256));
    expect(executor.estimateMemory(builder.build(), { batchSize, learning: [] }).obstacle).toMatch(
      /^one buffer of it would have .+, and this card allows /,
    );
    await expect(executor.create(builder.build(), { batchSize, learning: [] })).rejects.toMatchObject({
      code: 'settingInvalid',
      message: expect.stringContaining(`batch of ${fitting} at most`),
    });
  });
});

describe('a device that fails', () => {
  test('breaks the step that runs, with a sentence, and every later one; listeners are told once', async () => {
    const compute = await openGpu();
    const told: string[] = [];
    compute.onProblem((problem, error) => told.push(`${problem}: ${error.code}`));
    const network = await createSmall(createTestExecutor(compute));
    await network.trainStep(makeBatch(0), options);
    await network.finishSteps();
    compute.device.destroy();
    const rejection = { code: 'deviceLost', message: expect.stringMatching(/kept\. Run the step again/) };
    await expect(
      (async () => {
        for (let step = 0; step < 8; step++) await network.trainStep(makeBatch(step), options);
        await network.finishSteps();
      })(),
    ).rejects.toMatchObject(rejection);
    await expect(network.infer(makeBatch(0))).rejects.toMatchObject(rejection);
    await expect(createSmall(createTestExecutor(compute))).rejects.toMatchObject(rejection);
    expect(told).toEqual(['lost: deviceLost']);
  });

  test('by refusing work is not trusted any more', async () => {
    const compute = await openGpu();
    const network = await createSmall(createTestExecutor(compute));
    const encoder = compute.device.createCommandEncoder();
    const usage = GPUBufferUsage.COPY_DST;
    const [a, b] = [0, 1].map(() => compute.device.createBuffer({ size: 16, usage })) as [GPUBuffer, GPUBuffer];
    // Neither may be copied from.
    encoder.copyBufferToBuffer(a, 0, b, 0, 16);
    compute.device.queue.submit([encoder.finish()]);
    await compute.device.queue.onSubmittedWorkDone();
    await expect(network.trainStep(makeBatch(0), options)).rejects.toMatchObject({ code: 'deviceLost' });
    expect(compute.problem?.kind).toBe('invalid');
    compute.close();
  });
});

describe('the self-test', () => {
  test('passes where the device computes what the reference does', async () => {
    await tf.setBackend('cpu');
    expect(await findDisagreement(createTestExecutor(gpu()), createReferenceExecutor())).toBeNull();
  });

  test('names what is wrong where it does not', async () => {
    await tf.setBackend('cpu');
    const reference = createReferenceExecutor();
    const wrong: Executor = {
      ...reference,
      create: async (graph, networkOptions) => {
        const network = await reference.create(graph, networkOptions);
        const read = network.readParameters.bind(network);
        return Object.assign(network, {
          readParameters: async () =>
            new Map(
              [...(await read())].map(([name, values]) => [
                name,
                name === 'grouped.weight' ? values.map((v) => 1.1 * v) : values,
              ]),
            ),
        });
      },
    };
    expect(await findDisagreement(wrong, reference)).toMatch(/^grouped\.weight is off by 0\.\d/);
    expect(await findDisagreement(reference, wrong)).toMatch(/^grouped\.weight is off by 0\.\d/);
  });

  test('is asked for when an adapter is opened, and remembered when it passed', async () => {
    await tf.setBackend('cpu');
    let asked = 0;
    const open = async () => {
      const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
      const loadReference = async () => {
        asked += 1;
        return createReferenceExecutor();
      };
      return await openWebGpu(adapter, {
        nowMs,
        userAgent: `test ${performance.timeOrigin}`,
        isSoftware: true,
        loadReference,
      });
    };
    for (const _ of [1, 2]) {
      const opened = await open();
      expect(opened.isReady).toBe(true);
      if (opened.isReady) opened.compute.close();
    }
    expect(asked).toBe(1);
  });

  test('that fails refuses the adapter with a sentence', async () => {
    const adapter = (await navigator.gpu.requestAdapter()) as GPUAdapter;
    const opened = await openWebGpu(adapter, {
      nowMs,
      userAgent: `refused ${performance.timeOrigin}`,
      isSoftware: true,
      loadReference: async () => {
        throw new Error('as if the card answered nonsense');
      },
    });
    expect(opened).toEqual({ isReady: false, sentence: expect.stringContaining('failed its test') });
  });
});

test('tiles are measured once for a network and noted for the next time', async () => {
  const noted = new Map<string, number>();
  let writes = 0;
  const notes: DeviceNotes = {
    readPassedTest: async () => null,
    writePassedTest: async () => {},
    readTiles: async () => noted,
    writeTiles: async (_, tiles) => {
      writes += 1;
      for (const [key, tile] of tiles) noted.set(key, tile);
    },
  };
  let asked = 0;
  const tuneTiles = createTileTuner({ compute: gpu(), notes, nowMs, budgetMs: 60_000 });
  const executor = createWebGpuExecutor(gpu(), {
    nowMs,
    tuneTiles: (lower) => {
      asked += 1;
      return tuneTiles(lower);
    },
  });
  const [first, second] = [await createSmall(executor), await createSmall(executor)];
  expect(asked).toBe(2);
  expect(writes).toBe(1);
  // The convolution, the linear layer forward and backward, and two filter gradients.
  expect([...noted.keys()].filter((key) => key.startsWith('filter'))).toHaveLength(2);
  expect([...noted.keys()].filter((key) => key.startsWith('pixels'))).toHaveLength(3);
  for (const network of [first, second]) {
    await network.trainStep(makeBatch(0), options);
    expect(Number.isFinite((await network.finishSteps())[0]?.loss)).toBe(true);
    network.dispose();
  }
});
