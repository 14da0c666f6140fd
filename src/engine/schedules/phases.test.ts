import { describe, expect, test } from 'vitest';
import { type Phase, type Piece, phases, valueOfPiece } from './phases.ts';

describe('a piece', () => {
  const [start, end] = [1, 0.01];
  const pieces: [Piece, number[]][] = [
    [{ kind: 'linear', start, end }, [0.7525, 0.505, 0.2575, 0.01]],
    [{ kind: 'cosine', start, end }, [0.855018, 0.505, 0.154982, 0.01]],
    [{ kind: 'exponential', start, end }, [0.316228, 0.1, 0.031623, 0.01]],
    [{ kind: 'polynomial', start, end, power: 2 }, [0.566875, 0.2575, 0.071875, 0.01]],
    [{ kind: 'constant', value: 1 }, [1, 1, 1, 1]],
  ];

  test.each(pieces)('moves as in the lesson: $kind', (piece, expected) => {
    expect(valueOfPiece(piece, 0)).toBe(start);
    expected.forEach((value, index) => {
      expect(valueOfPiece(piece, (index + 1) / 4)).toBeCloseTo(value, 6);
    });
  });

  test.each([
    { kind: 'linear', start },
    { kind: 'cosine', start },
    { kind: 'polynomial', start, power: 3 },
  ] as const)('ends at 0 where no end is given: $kind', (piece) => {
    expect(valueOfPiece(piece, 1)).toBeCloseTo(0, 12);
  });
});

describe('phases', () => {
  const fall = (batchCount: number, start = 1): Phase => ({ batchCount, rateFactor: { kind: 'cosine', start } });
  const level = (batchCount: number, value: number): Phase => ({ batchCount, rateFactor: { kind: 'constant', value } });

  test('follow one another, each batch at its share of its own phase', () => {
    const schedule = phases([
      { batchCount: 4, rateFactor: { kind: 'linear', start: 0.2, end: 1 }, momentum: { kind: 'constant', value: 0.9 } },
      { batchCount: 2, rateFactor: { kind: 'linear', start: 1 }, momentum: { kind: 'linear', start: 0.9, end: 0.7 } },
    ]);
    const values = Array.from({ length: schedule.batchCount }, (_, batch) => schedule.at(batch));
    const expected = [0.2, 0.4, 0.6, 0.8, 1, 0.5];
    expect(values.length).toBe(expected.length);
    values.forEach(({ rateFactor }, batch) => {
      expect(rateFactor).toBeCloseTo(expected[batch] as number, 12);
    });
    expect(values.map(({ momentum }) => Number(momentum?.toFixed(9)))).toEqual([0.9, 0.9, 0.9, 0.9, 0.9, 0.8]);
    expect(() => schedule.at(6)).toThrow('Batch 6');
  });

  test('end a cycle where the rate jumps up, not where it goes on or drops', () => {
    expect(phases([fall(10), fall(20), fall(40)]).cycleEnds).toEqual([10, 30, 70]);
    const warmUp: Phase = { batchCount: 5, rateFactor: { kind: 'linear', start: 0.1, end: 1 } };
    expect(phases([warmUp, fall(20)]).cycleEnds).toEqual([25]);
    expect(phases([level(3, 1), level(3, 0.1), level(3, 0.01), level(3, 0.1)]).cycleEnds).toEqual([9, 12]);
    // 0.01 * (0.007 / 0.01) is a little less than 0.007.
    const decay: Phase = { batchCount: 5, rateFactor: { kind: 'exponential', start: 0.01, end: 0.007 } };
    expect(phases([decay, level(5, 0.007)]).cycleEnds).toEqual([10]);
  });

  test('leave momentum alone when none of them moves it', () => {
    expect(phases([fall(4)]).at(0)).toEqual({ rateFactor: 1 });
  });

  test('refuse to move the momentum in some of them only', () => {
    const moving: Phase = { ...fall(4), momentum: { kind: 'constant', value: 0.9 } };
    expect(() => phases([moving, fall(4)])).toThrow('Either every phase');
  });

  test('take at least a batch each', () => {
    expect(() => phases([fall(4), fall(0)])).toThrow('at least one batch, not 0');
  });
});
