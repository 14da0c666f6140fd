// A session in memory with the real network at its smallest size, on pictures of two colours.

import type { CommandHandlers } from '../../protocol/commands.ts';
import type { DroppedFile } from '../../protocol/dataset.ts';
import { createEventBatcher } from '../../protocol/eventBatcher.ts';
import type { EngineEvent, EventOf } from '../../protocol/events.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import type { BlobStore, WeightsCard, WeightsSource } from '../platform/ports.ts';
import { createSession, type StartedBackend } from '../session.ts';
import type { KeepingTimes } from '../workKeeper.ts';
import { readBytes, readJson } from './fixtures.ts';

export const GO_ON = { aborted: false };

/** For the step that chooses the network. */
export const SMALLEST = { imageSizePx: 32, batchSize: 8 };

export interface TestSession {
  readonly session: CommandHandlers;
  /** Reds and blues, as many of each, a quarter of them to check with. */
  readonly openColours: (countPerClass?: number) => Promise<void>;
  /** Of the eight steps, with seed 1 unless said otherwise; gives the outcome. */
  readonly run: (stepId: string, settings?: SettingValues, more?: RunOptions) => Promise<string>;
  /** All that were told, or those of one step. */
  readonly eventsOf: <T extends EngineEvent['type']>(type: T, stepId?: string) => EventOf<T>[];
  readonly forget: () => void;
}

interface RunOptions {
  readonly seed?: number;
  readonly isAgain?: boolean;
}

interface TestSessionOptions {
  readonly store?: BlobStore;
  /** How often a training is kept, in readings of the clock. */
  readonly keepingTimes?: KeepingTimes;
  readonly onEvent?: (event: EngineEvent) => void;
  readonly isSoleKeeper?: boolean;
  /** Those of the studio's own network unless given. */
  readonly weights?: WeightsSource;
  /** What computes, opened anew after a device problem; the reference executor unless given. */
  readonly startBackend?: () => Promise<StartedBackend>;
}

/** On the backend that the test file uses. */
export async function startTestSession(options: TestSessionOptions = {}): Promise<TestSession> {
  const { store, keepingTimes, onEvent = () => {}, isSoleKeeper = true } = options;
  const { weights = readLite0(), startBackend = startReference } = options;
  const events: EngineEvent[] = [];
  let nowMs = 0;
  const session = createSession({
    ...(keepingTimes ? { keepingTimes } : {}),
    platform: {
      ...createMemoryPlatform(weights, store ? { store } : {}),
      soleKeeper: { claim: async () => isSoleKeeper },
    },
    events: createEventBatcher(
      (batch) => {
        events.push(...batch);
        batch.forEach(onEvent);
      },
      () => nowMs++,
      0,
    ),
    startBackend,
  });
  await session.start({ backend: 'auto' }, GO_ON);
  return {
    session,
    async openColours(countPerClass = 8) {
      const files = makeColours(countPerClass);
      await session.openDataset({ name: 'colours', files, validationShare: 0.25, seed: 1 }, GO_ON);
    },
    async run(stepId, settings = {}, { seed = 1, isAgain = false } = {}) {
      const { outcome } = await session.runStep({ recipeId: 'eight', stepId, settings, seed, isAgain }, GO_ON);
      return outcome;
    },
    eventsOf: <T extends EngineEvent['type']>(type: T, stepId?: string) =>
      events.filter(
        (event): event is EventOf<T> =>
          event.type === type && (stepId === undefined || ('stepId' in event && event.stepId === stepId)),
      ),
    forget: () => {
      events.length = 0;
    },
  };
}

function readLite0(): WeightsSource {
  const card = readJson<WeightsCard>('public/weights/efficientnet-lite0.json');
  return createMemoryWeights(
    new Map([[card.id, { card, bytes: readBytes('public/weights/efficientnet-lite0.safetensors') }]]),
  );
}

async function startReference(): Promise<StartedBackend> {
  return {
    description: { backend: 'wasm', adapter: 'test', isHardwareGpu: false, ladder: [] },
    executor: createReferenceExecutor(),
  };
}

export function makeColours(countPerClass: number): DroppedFile[] {
  return ['blue', 'red'].flatMap((className) =>
    Array.from({ length: countPerClass }, (_, index) => {
      const [strong, weak] = [255 - 4 * index, 6 * index];
      const rgb: [number, number, number] = className === 'red' ? [strong, weak, 30] : [30, weak, strong];
      return { path: `${className}/${index}.png`, file: makePictureFile({ widthPx: 40, heightPx: 30, rgb }) };
    }),
  );
}
