// A backend for tests that breaks as a graphics card does: at the training steps that the test names, and in no other.

import { EngineError } from '../../protocol/errors.ts';
import type { DeviceProblemKind } from '../../protocol/events.ts';
import type { BackendOrder, StartBackend } from '../backendDesk.ts';
import type { Executor, Network, TrainStepOptions } from '../executors/executor.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';

export interface Brittle {
  readonly startBackend: StartBackend;
  /** What was asked to be opened, in order. */
  readonly orders: readonly BackendOrder[];
  readonly closedCount: () => number;
}

export interface Breaks {
  /** Training steps, counted from 1 over all networks of the session, under which the device breaks. */
  readonly atSteps?: readonly number[];
  readonly problem?: DeviceProblemKind;
  /** Networks of larger batches find no memory. */
  readonly largestBatch?: number;
  /** Steps, counted alike, whose rate is so large that the next loss is no number. */
  readonly explodesAtSteps?: readonly number[];
}

/** WebGPU that breaks; whatever is below it does not. */
export function createBrittleBackend({
  atSteps = [],
  problem = 'lost',
  largestBatch,
  explodesAtSteps = [],
}: Breaks): Brittle {
  const orders: BackendOrder[] = [];
  let stepCount = 0;
  let closedCount = 0;

  function open() {
    const listeners: ((problem: DeviceProblemKind, error: EngineError) => void)[] = [];
    const reference = createReferenceExecutor();
    const breakNow = () => {
      const error = new EngineError(problem === 'outOfMemory' ? 'outOfMemory' : 'deviceLost', 'The card is gone.');
      for (const listener of listeners) listener(problem, error);
      return error;
    };
    const wrap = (network: Network): Network => {
      const trainStep = network.trainStep.bind(network);
      return Object.assign(network, {
        async trainStep(batch: Parameters<typeof trainStep>[0], options: TrainStepOptions) {
          stepCount += 1;
          if (atSteps.includes(stepCount)) throw breakNow();
          await trainStep(batch, explodesAtSteps.includes(stepCount) ? explode(options) : options);
        },
      });
    };
    const executor: Executor = {
      ...reference,
      async create(graph, options) {
        if (options.learning.length > 0 && options.batchSize > (largestBatch ?? Number.POSITIVE_INFINITY)) {
          throw new EngineError('outOfMemory', `A batch of ${options.batchSize} finds no room.`);
        }
        return wrap(await reference.create(graph, options));
      },
    };
    return { executor, onProblem: (listener: (typeof listeners)[number]) => void listeners.push(listener) };
  }

  return {
    orders,
    closedCount: () => closedCount,
    async startBackend(order) {
      orders.push(order);
      if (order.below) {
        const description = { backend: 'wasm', adapter: 'below', isHardwareGpu: false, ladder: [] } as const;
        return { description, executor: createReferenceExecutor() };
      }
      const description = { backend: 'webgpu', adapter: 'brittle', isHardwareGpu: true, ladder: [] } as const;
      const close = () => {
        closedCount += 1;
      };
      return { description, ...open(), close };
    },
  };
}

function explode(options: TrainStepOptions): TrainStepOptions {
  return { ...options, groups: options.groups.map((group) => ({ ...group, learningRate: 1e30 })) };
}
