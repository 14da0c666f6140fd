import { describe, expect, test } from 'vitest';
import { findStep } from './recipe/runStep.ts';
import { completeSettings } from './recipe/settings.ts';
import { type BrokenStep, causeOf, planRescue } from './stepRescue.ts';

const step = findStep('eight', 'trainHead');
const lost: BrokenStep = {
  step,
  settings: completeSettings(step, { batchSize: 64, learningRate: 0.1 }),
  cause: 'lost',
  failureCount: 1,
  backend: 'webgpu',
  fit: { epoch: 2, batch: 32, batchesPerEpoch: 10 },
};
const offerOf = (changes: Partial<BrokenStep>) => planRescue({ ...lost, ...changes })?.event.offer ?? null;
const withSettings = (settings: object) => ({ settings: { ...lost.settings, ...settings } });

describe('what is offered for a step that broke', () => {
  test('says where it goes on, and with what', () => {
    expect(offerOf({})).toBe('Go on from epoch 3, batch 12');
    expect(offerOf({ cause: 'outOfMemory' })).toBe('Go on from epoch 3, batch 12, with batches of 32');
    expect(offerOf({ cause: 'lossNotFinite' })).toBe('Go on from epoch 3, batch 12, with a tenth of the rate');
    expect(offerOf({ failureCount: 2 })).toBe('Go on from epoch 3, batch 12, without this card');
    expect(offerOf({ fit: null })).toBe('Begin this step again');
  });

  test('changes nothing but what it says', () => {
    const rescue = planRescue({ ...lost, cause: 'outOfMemory', ...withSettings({ batchSize: 9 }) });
    expect(rescue?.settings).toEqual({ ...lost.settings, batchSize: 4 });
    expect(rescue?.event.changes).toEqual({ batchSize: 4 });
    expect(rescue?.below).toBeNull();
  });

  test('is another backend where the batch cannot be halved, and nothing below plain JavaScript', () => {
    const full = { cause: 'outOfMemory' as const, ...withSettings({ batchSize: 3 }) };
    expect(planRescue({ ...lost, ...full })?.below).toBe('webgpu');
    expect(offerOf({ ...full, backend: 'wasm' })).toBe('Go on from epoch 3, batch 12, in plain JavaScript');
    expect(offerOf({ ...full, backend: 'cpu' })).toBeNull();
    expect(offerOf({ failureCount: 2, backend: 'cpu' })).toBeNull();
  });

  test('is no smaller rate than there is, nor one for a training of which nothing is kept', () => {
    expect(offerOf({ cause: 'lossNotFinite', fit: null })).toBeNull();
    expect(offerOf({ cause: 'lossNotFinite', ...withSettings({ learningRate: 2e-7 }) })).toBeNull();
  });
});

test('what the device itself said comes before what the step made of it', () => {
  const sentence = 'Something.';
  expect(causeOf({ code: 'internal', sentence }, 'invalid')).toBe('invalid');
  expect(causeOf({ code: 'deviceLost', sentence }, null)).toBe('lost');
  expect(causeOf({ code: 'outOfMemory', sentence }, null)).toBe('outOfMemory');
  expect(causeOf({ code: 'preconditionMissing', sentence }, null)).toBeNull();
});
