import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { placeNames, placeWords, textWidthPx } from './labels.ts';

/** The finder's plot on a chart 300 px wide. */
const sides = { left: 52, right: 284 };
const labels = ['lowest point ÷ 10', 'steepest fall', 'valley', 'slide from the end'];
const words = ['too small', 'good', 'near edge', 'blows up'];
const pixel = fc.double({ min: sides.left, max: sides.right, noNaN: true });

describe('names above a plot 300 px wide', () => {
  it('stay within its sides, each in a row of its own, wherever their lines are', () => {
    fc.assert(
      fc.property(fc.array(pixel, { minLength: 4, maxLength: 4 }), (xs) => {
        const places = placeNames(
          labels.map((text, index) => ({ x: xs[index] as number, text })),
          sides,
        );
        expect(places.map(({ rowsAbove }) => rowsAbove).sort()).toEqual([0, 1, 2, 3]);
        places.forEach(({ x, anchor }, index) => {
          const widthPx = textWidthPx(labels[index] as string);
          const left = anchor === 'start' ? x : x - widthPx;
          expect(left).toBeGreaterThanOrEqual(sides.left);
          expect(left + widthPx).toBeLessThanOrEqual(sides.right);
        });
      }),
    );
  });

  it('stand the higher the further left their lines are, so that no line behind crosses them', () => {
    const xs = [160, 90, 150, 80];
    const places = placeNames(
      labels.map((text, index) => ({ x: xs[index] as number, text })),
      sides,
    );
    expect(places.map(({ rowsAbove }) => rowsAbove)).toEqual([0, 2, 1, 3]);
  });
});

it('a name without room behind its line ends at it, above the others', () => {
  const xs = [216, 156, 174, 154];
  const places = placeNames(
    labels.map((text, index) => ({ x: xs[index] as number, text })),
    sides,
  );
  expect(places[0]).toEqual({ x: 210, anchor: 'end', rowsAbove: 3 });
  expect(places.slice(1).every(({ anchor }) => anchor === 'start')).toBe(true);
});

describe('words below a plot 300 px wide', () => {
  it('never lie on each other and keep their order in a row, however narrow their zones are', () => {
    const rowCounts = fc.constantFrom(1, 2);
    fc.assert(
      fc.property(fc.array(pixel, { minLength: 3, maxLength: 3 }), rowCounts, (cuts, rowCount) => {
        const ends = [sides.left, ...[...cuts].sort((a, b) => a - b), sides.right];
        const spans = words.map((text, index) => ({
          left: ends[index] as number,
          right: ends[index + 1] as number,
          text,
        }));
        const places = placeWords(spans, sides, rowCount);
        for (let row = 0; row < rowCount; row++) {
          let free = sides.left;
          places.forEach(({ middle, row: itsRow }, index) => {
            if (itsRow !== row) return;
            const half = textWidthPx(words[index] as string) / 2;
            expect(middle - half).toBeGreaterThanOrEqual(free - 1e-6);
            free = middle + half;
          });
          expect(free).toBeLessThanOrEqual(sides.right + 1e-6);
        }
      }),
    );
  });

  it('stand under the middle of a zone, in the second row where the first has no room', () => {
    const spans = [
      { left: 0, right: 200, text: 'too small' },
      { left: 200, right: 220, text: 'good' },
      { left: 220, right: 240, text: 'near edge' },
    ];
    expect(placeWords(spans, { left: 0, right: 400 }, 2)).toEqual([
      { middle: 100, row: 0 },
      { middle: 210, row: 0 },
      { middle: 230, row: 1 },
    ]);
  });
});
