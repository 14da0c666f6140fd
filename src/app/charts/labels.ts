// Finds room for the words on a chart, so that none lies on another even where the chart is narrow. Pure.

import type { PlotBox } from './plotScale.ts';

/** A letter of a chart's text needs at most about so much room. */
const letterPx = 6.4;
const gapPx = 6;
/** From one row of names or words to the next. */
export const rowHeightPx = 18;

export function textWidthPx(text: string): number {
  return text.length * letterPx;
}

type Sides = Pick<PlotBox, 'left' | 'right'>;

export interface NamePlace {
  readonly x: number;
  /** Whether the name begins or ends there. */
  readonly anchor: 'start' | 'end';
  /** Rows between the plot and the name's own. */
  readonly rowsAbove: number;
}

/**
 * Names above a plot, each at its line and in a row of its own: behind the line, before it where only there is room, or else at
 * the right side. Names behind their lines stand the higher the further left, so that no line behind crosses them.
 */
export function placeNames(names: readonly { readonly x: number; readonly text: string }[], sides: Sides): NamePlace[] {
  const places = names.map(({ x, text }) => {
    const room = gapPx + textWidthPx(text);
    if (x + room <= sides.right) return { x: x + gapPx, anchor: 'start' as const };
    return { x: x - room >= sides.left ? x - gapPx : sides.right, anchor: 'end' as const };
  });
  const xOf = (index: number) => places[index]?.x ?? 0;
  const anchoredAt = (anchor: NamePlace['anchor']) =>
    places.flatMap((place, index) => (place.anchor === anchor ? [index] : []));
  const upwards = [
    ...anchoredAt('start').sort((a, b) => xOf(b) - xOf(a)),
    ...anchoredAt('end').sort((a, b) => xOf(a) - xOf(b)),
  ];
  return places.map((place, index) => ({ ...place, rowsAbove: upwards.indexOf(index) }));
}

export interface WordSpan {
  readonly left: number;
  readonly right: number;
  readonly text: string;
}

export interface WordPlace {
  readonly middle: number;
  /** 0 is the upper one. */
  readonly row: number;
}

/** Words below a plot, each under the middle of its span, in the first row with room; or as near as that row's others allow. */
export function placeWords(spans: readonly WordSpan[], sides: Sides, rowCount: number): WordPlace[] {
  const words = spans.map(({ left, right, text }) => {
    const half = textWidthPx(text) / 2;
    return { half, wanted: Math.min(Math.max((left + right) / 2, sides.left + half), sides.right - half) };
  });
  const ends = Array.from({ length: rowCount }, () => sides.left);
  const rows = words.map(({ half, wanted }) => {
    const free = ends.findIndex((end) => end <= wanted - half);
    const row = free === -1 ? ends.indexOf(Math.min(...ends)) : free;
    ends[row] = Math.max(ends[row] as number, wanted - half) + 2 * half + gapPx;
    return row;
  });
  const middles = words.map(({ wanted }) => wanted);
  for (const row of ends.keys()) {
    const inRow = words.flatMap((word, index) => (rows[index] === row ? [{ ...word, index }] : []));
    let free = sides.left;
    for (const { half, wanted, index } of inRow) {
      middles[index] = Math.max(wanted, free + half);
      free = (middles[index] as number) + half + gapPx;
    }
    let end = sides.right;
    for (const { half, index } of inRow.reverse()) {
      middles[index] = Math.min(middles[index] as number, end - half);
      end = (middles[index] as number) - half - gapPx;
    }
  }
  return middles.map((middle, index) => ({ middle, row: rows[index] as number }));
}
