// The plain look of several is the look that training judged by, cut or squashed: with the real network at its smallest size.

import { expect, test } from 'vitest';
import type { EngineEventBody } from '../../protocol/events.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import { ActivationCache } from '../activations/activationCache.ts';
import { indexDataset } from '../data/datasetIndex.ts';
import { readFolder } from '../data/readers/folder.ts';
import { readPictures } from '../data/readPictures.ts';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { PictureLibrary } from '../learner/pictureLibrary.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { useBackend } from '../testing/backends.ts';
import { readBytes, readJson } from '../testing/fixtures.ts';
import { createPaintedDecoder } from '../testing/paintedDecoder.ts';
import { findStep, runStep } from './runStep.ts';
import { EMPTY_STATE, type StudioState } from './studioState.ts';
import { PLAINLY } from './tellResult.ts';

useBackend('wasm');

const GO_ON = { aborted: false };
const card = readJson<WeightsCard>('public/weights/efficientnet-lite0.json');
const bytes = readBytes('public/weights/efficientnet-lite0.safetensors');
const weights = createMemoryWeights(new Map([['efficientnet-lite0', { card, bytes }]]));
const fixed = {
  seed: 1,
  executor: createReferenceExecutor(),
  platform: { ...createMemoryPlatform(weights), decoder: createPaintedDecoder() },
  activationCache: new ActivationCache(),
  pictureLibrary: new PictureLibrary(),
  signal: GO_ON,
};

async function openShades(): Promise<StudioState> {
  const files = ['dark', 'light'].flatMap((className, label) =>
    Array.from({ length: 6 }, (_, index) => {
      const shade = 150 * label + 15 * index;
      const file = makePictureFile({ widthPx: 96, heightPx: 40, rgb: [shade, 255 - shade, 90] });
      return { path: `${className}/${index}.png`, file };
    }),
  );
  const reading = readFolder(files);
  const checked = await readPictures(reading.entries, fixed.platform.decoder, GO_ON, () => {});
  const dataset = indexDataset(reading, checked, { name: 'shades', validationShare: 0.34, seed: 1 });
  return { ...EMPTY_STATE, dataset };
}

/** Runs a step of the eight. @returns the state after it and the log loss of each of its results */
async function run(state: StudioState, stepId: string, settings: SettingValues) {
  const events: EngineEventBody[] = [];
  const emit = (event: EngineEventBody) => events.push(event);
  const result = await runStep(findStep('eight', stepId), { ...fixed, stepId, settings, state, emit });
  expect(result.outcome, result.reading).toBe('done');
  const losses = events.flatMap((event) => (event.type === 'resultRow' ? [[event.label, event.logLoss] as const] : []));
  return { state: result.state, losses: new Map(losses) };
}

test('the plain look gives what training was judged by, and squashed pictures give something else', async () => {
  const opened = await openShades();
  const judge = async (square: string) => {
    const prepared = await run(opened, 'prepare', { imageSizePx: 32, batchSize: 8, square });
    const trained = await run(prepared.state, 'trainHead', { batchSize: 8, epochs: 1 });
    const looked = await run(trained.state, 'tta', { looks: 1, augmentation: 'custom', batchSize: 8 });
    return [trained, looked].map(({ losses }) => losses.get(PLAINLY) as number) as [number, number];
  };
  const [cut, cutAgain] = await judge('centreSquare');
  const [squashed, squashedAgain] = await judge('squashed');
  expect(cutAgain).toBeCloseTo(cut, 4);
  expect(squashedAgain).toBeCloseTo(squashed, 4);
  expect(Math.abs(cut - squashed)).toBeGreaterThan(0.002);
  fixed.pictureLibrary.clear();
});
