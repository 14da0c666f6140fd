import { expect, test } from 'vitest';
import { EngineError, toEngineErrorData } from '../protocol/errors.ts';
import { findStep } from './recipe/runStep.ts';
import { completeSettings } from './recipe/settings.ts';
import { RescueDesk } from './rescueDesk.ts';

const step = findStep('head', 'trainHead');
const settings = completeSettings(step, {});
const fit = { epoch: 1, batch: 12, batchesPerEpoch: 8 };
const lost = { outcome: 'failed', error: toEngineErrorData(new EngineError('deviceLost', 'It is gone.')) } as const;
const broken = { step, settings, problem: null, backend: 'webgpu', fit } as const;

test('a card that fails twice in a step is left; an end in between forgives the first', () => {
  const desk = new RescueDesk();
  expect(desk.plan(lost, broken)?.below).toBeNull();
  expect(desk.plan({ outcome: 'done' }, broken)).toBeNull();
  expect(desk.plan(lost, broken)?.below).toBeNull();
  expect(desk.plan(lost, broken)?.below).toBe('webgpu');
});

test('other pictures, and another step, begin without blame', () => {
  const desk = new RescueDesk();
  desk.plan(lost, broken);
  desk.forget();
  expect(desk.plan(lost, broken)?.below).toBeNull();
  expect(desk.plan(lost, { ...broken, step: findStep('head', 'prepare'), fit: null })?.below).toBeNull();
});

test('full memory is no failure of the card', () => {
  const desk = new RescueDesk();
  const full = { outcome: 'failed', error: toEngineErrorData(new EngineError('outOfMemory', 'Full.')) } as const;
  desk.plan(full, broken);
  desk.plan(full, broken);
  expect(desk.plan(lost, broken)?.below).toBeNull();
});

test('a failure that nothing can be done about has no plan', () => {
  const error = toEngineErrorData(new EngineError('pictureUnreadable', 'Gone.'));
  expect(new RescueDesk().plan({ outcome: 'failed', error }, broken)).toBeNull();
});
