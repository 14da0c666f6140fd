// The reference executor on a device that can be lost: every piece of work is counted by the life that it belongs to, and after the
// loss nothing works any more until another device is opened, as on a graphics card.

import type { EngineError } from '../../../protocol/errors.ts';
import type { DeviceProblemKind } from '../../../protocol/events.ts';
import type { Executor, Network } from '../../executors/executor.ts';
import { createReferenceExecutor } from '../../executors/reference/referenceExecutor.ts';
import type { StartedBackend } from '../../session.ts';
import type { Life } from './life.ts';

type Listener = (problem: DeviceProblemKind, error: EngineError) => void;

/** @param executor what computes; the reference executor unless given */
export function openDevice(life: Life, executor: Executor = createReferenceExecutor()): StartedBackend {
  let lost: EngineError | null = null;
  let listener: Listener = () => {};
  const work = () => {
    if (lost) throw lost;
    life.work((problem, error) => {
      lost = error;
      listener(problem, error);
    });
    if (lost) throw lost;
  };
  return {
    description: { backend: 'wasm', adapter: 'test', isHardwareGpu: false, ladder: [] },
    onProblem: (given) => {
      listener = given;
    },
    executor: {
      shelfBudgetBytes: executor.shelfBudgetBytes,
      async create(graph, options) {
        work();
        return watch(await executor.create(graph, options), work);
      },
      estimateMemory: (graph, options) => executor.estimateMemory(graph, options),
      createPictureStore: (options) => executor.createPictureStore(options),
      takePeakBytes: () => executor.takePeakBytes(),
    },
  };
}

/** @param work called before each piece of work; may throw */
function watch(network: Network, work: () => void): Network {
  return {
    graph: network.graph,
    memory: network.memory,
    keepsStatistics: network.keepsStatistics,
    async readParameters() {
      work();
      return await network.readParameters();
    },
    async trainStep(batch, options) {
      work();
      await network.trainStep(batch, options);
    },
    async finishSteps() {
      work();
      return await network.finishSteps();
    },
    async infer(batch) {
      work();
      return await network.infer(batch);
    },
    async readState() {
      work();
      return await network.readState();
    },
    writeParameters: (values) => network.writeParameters(values),
    takeMetrics: () => network.takeMetrics(),
    writeState: (state) => network.writeState(state),
    resetOptimizer: () => network.resetOptimizer(),
    dispose: () => network.dispose(),
  };
}
