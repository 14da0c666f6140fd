import { expect, test } from 'vitest';
import { hash } from '../random.ts';
import { hashedSamples, hashedSign, hashedValues } from './formula.ts';

// What scripts/parity/formula.py gives for the same arguments.
test('the hashed formula gives the numbers that NumPy gives', () => {
  const salt = hash('layer1.0.conv1.weight');
  expect(salt).toBe(2994878762);
  expect([...hashedValues(5, salt, 0.5, 1)]).toEqual([
    0.8160367012023926, 0.6428200602531433, 1.376034140586853, 0.626497209072113, 0.8621695637702942,
  ]);
  expect(Array.from({ length: 8 }, (_, i) => hashedSign(salt, i))).toEqual([-1, -1, -1, -1, 1, 1, -1, -1]);
  expect(hashedSamples(1000, salt, 4)).toEqual([707, 676, 147, 360]);
});

test('hashed values spread evenly between their limits', () => {
  const values = hashedValues(10_000, 7, 2, 1);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean).toBeCloseTo(1, 1);
  expect(Math.min(...values)).toBeGreaterThanOrEqual(-1);
  expect(Math.max(...values)).toBeLessThanOrEqual(3);
  expect(values.filter((value) => value < 0).length / values.length).toBeCloseTo(0.25, 1);
});
