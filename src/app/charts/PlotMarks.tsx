// Named places on a plot: hairlines across it, up to their names in rows above it.

import type { CurvePoint } from './bucketing.ts';
import { placeNames, rowHeightPx } from './labels.ts';
import { type Axis, type PlotBox, toPixelX } from './plotScale.ts';

/** A named place: a hairline across the plot up to its name above it, and a ring on the curve. */
export interface PlotMark {
  readonly id: string;
  readonly lineX: number;
  readonly point: CurvePoint;
  readonly name: string;
}

export function MarkLines({ marks, xAxis, box }: { marks: readonly PlotMark[]; xAxis: Axis; box: PlotBox }) {
  const xs = marks.map((mark) => toPixelX(xAxis, box, mark.lineX));
  const places = placeNames(
    marks.map(({ name }, index) => ({ x: xs[index] as number, text: name })),
    box,
  );
  return (
    <g>
      {marks.map((mark, index) => {
        const top = box.top - ((places[index]?.rowsAbove ?? 0) + 1) * rowHeightPx;
        return (
          <line
            key={mark.id}
            x1={xs[index]}
            x2={xs[index]}
            y1={top}
            y2={box.bottom}
            stroke="var(--edge)"
            strokeDasharray="2 3"
          />
        );
      })}
      {marks.map((mark, index) => (
        <text
          key={mark.id}
          className="plotText plotName"
          x={places[index]?.x}
          y={box.top - (places[index]?.rowsAbove ?? 0) * rowHeightPx - 6}
          textAnchor={places[index]?.anchor}
          fill="var(--ink)"
        >
          {mark.name}
        </text>
      ))}
    </g>
  );
}
