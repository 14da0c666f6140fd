// Where a rate begins anew: a hairline down the plot, with the number of the cycle that begins there above it.

import { textWidthPx } from './labels.ts';
import { type Axis, type PlotBox, toPixelX } from './plotScale.ts';

export interface PlotReset {
  readonly x: number;
  /** 1-based, of the cycle that begins here. */
  readonly cycle: number;
  /** False where a plot above on the same axis says the name. */
  readonly isNamed?: boolean;
}

interface ResetLinesProps {
  readonly resets: readonly PlotReset[];
  readonly xAxis: Axis;
  readonly box: PlotBox;
}

export function ResetLines({ resets, xAxis, box }: ResetLinesProps) {
  const xs = resets.map(({ x }) => toPixelX(xAxis, box, x));
  const places = resets.map(({ cycle }, index) => ({ x: xs[index] as number, cycle }));
  const names = resets.some(({ isNamed }) => isNamed === false) ? [] : nameResets(places, box.right);
  return (
    <g>
      {resets.map(({ cycle }, index) => (
        <g key={cycle} data-reset={cycle}>
          <line
            x1={xs[index]}
            x2={xs[index]}
            y1={box.top - (names[index] ? 12 : 0)}
            y2={box.bottom}
            stroke="var(--edge)"
            strokeWidth={0.75}
          />
          {names[index] && (
            <text className="plotText" x={(xs[index] as number) + 4} y={box.top - 3} fill="var(--muted)">
              {names[index]}
            </text>
          )}
        </g>
      ))}
    </g>
  );
}

const gapPx = 10;

/** A name for each hairline with room for one, the first as 'cycle 2'; null where names would lie on each other. */
export function nameResets(
  resets: readonly { readonly x: number; readonly cycle: number }[],
  rightPx: number,
): (string | null)[] {
  let free = Number.NEGATIVE_INFINITY;
  return resets.map(({ x, cycle }, index) => {
    const name = index === 0 ? `cycle ${cycle}` : String(cycle);
    const end = x + textWidthPx(name);
    if (x < free || end > rightPx) return null;
    free = end + gapPx;
    return name;
  });
}
