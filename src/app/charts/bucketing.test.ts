import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bucketMinMax } from './bucketing.ts';

const curve = (values: readonly number[]) => values.map((y, x) => ({ x, y }));

describe('making a long curve short', () => {
  it('leaves a short curve as it is', () => {
    const points = curve([3, 1, 2]);
    expect(bucketMinMax(points, 300)).toBe(points);
  });

  it('keeps a single spike among ten thousand points', () => {
    const values = new Array<number>(10_000).fill(1);
    values[7_123] = 50;
    values[2_222] = -3;
    const drawn = bucketMinMax(curve(values));
    expect(drawn).toContainEqual({ x: 7_123, y: 50 });
    expect(drawn).toContainEqual({ x: 2_222, y: -3 });
  });

  it('never draws more points than allowed, keeps both ends and the extremes, and stays in order', () => {
    const values = fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 2, maxLength: 900 });
    fc.assert(
      fc.property(values, fc.integer({ min: 6, max: 300 }), (sample, maxPoints) => {
        const points = curve(sample);
        const drawn = bucketMinMax(points, maxPoints);
        expect(drawn.length).toBeLessThanOrEqual(Math.max(maxPoints, 2));
        expect(drawn[0]).toBe(points[0]);
        expect(drawn.at(-1)).toBe(points.at(-1));
        expect(Math.max(...drawn.map((point) => point.y))).toBe(Math.max(...sample));
        expect(Math.min(...drawn.map((point) => point.y))).toBe(Math.min(...sample));
        for (let index = 1; index < drawn.length; index++) {
          expect(drawn[index]?.x).toBeGreaterThan(drawn[index - 1]?.x ?? -1);
        }
      }),
    );
  });
});
