// Draws one chart as plain SVG: axes, lines, dots, marks with their names, and a read-out under the pointer or the arrow keys.
// A drawing costs a few milliseconds, so that it can follow a run without holding up the page.

import { type KeyboardEvent, memo, type PointerEvent, useState } from 'react';
import type { CurvePoint } from './bucketing.ts';
import { rowHeightPx } from './labels.ts';
import { MarkLines, type PlotMark } from './PlotMarks.tsx';
import { type PlotReset, ResetLines } from './PlotResets.tsx';
import { type PlotZone, Zones } from './PlotZones.tsx';
import { type Axis, linePath, nearestIndex, type PlotBox, toPixelX, toPixelY } from './plotScale.ts';

export interface PlotLine {
  readonly id: string;
  readonly points: readonly CurvePoint[];
  /** A custom property of tokens.css. */
  readonly color: string;
  readonly widthPx: number;
  readonly hasDots?: boolean;
}

/** A name at the end of a line, at the right edge. */
export interface EndLabel {
  readonly id: string;
  readonly y: number;
  readonly color: string;
  readonly text: string;
}

/** One place that can be read: its x and what stands there, a line each. */
export interface ReadOutRow {
  readonly x: number;
  readonly lines: readonly string[];
}

export interface PlotProps {
  readonly title: string;
  readonly widthPx: number;
  readonly box: PlotBox;
  readonly heightPx: number;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  readonly lines: readonly PlotLine[];
  readonly marks?: readonly PlotMark[];
  readonly zones?: readonly PlotZone[];
  readonly resets?: readonly PlotReset[];
  /** Rows between the plot and its x-axis's numbers, for the zones' words. */
  readonly wordRows?: number;
  readonly endLabels?: readonly EndLabel[];
  /** Asked only when somebody reads. */
  readonly readRows?: () => readonly ReadOutRow[];
}

export const Plot = memo(function Plot(props: PlotProps) {
  const { title, widthPx, heightPx, box, xAxis, readRows } = props;
  const [readX, setReadX] = useState<number | null>(null);
  if (!readRows) {
    return <PlotDrawing {...props} />;
  }
  const rows = readX === null ? [] : readRows();
  const xs = rows.map((row) => row.x);
  const index = readX === null ? -1 : nearestIndex(xs, xAxis, box, toPixelX(xAxis, box, readX));
  const row = rows[index];

  function readAt(event: PointerEvent<HTMLDivElement>) {
    const pixelX = event.clientX - event.currentTarget.getBoundingClientRect().left;
    const all = readRows?.() ?? [];
    const nearest = nearestIndex(
      all.map((one) => one.x),
      xAxis,
      box,
      pixelX,
    );
    setReadX(all[nearest]?.x ?? null);
  }
  function readByKey(event: KeyboardEvent) {
    const moves: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowLeft: -1, PageUp: 10, PageDown: -10 };
    const all = readRows?.() ?? [];
    const isEnd = event.key === 'Home' || event.key === 'End';
    const move = moves[event.key];
    if (move === undefined && !isEnd) return;
    event.preventDefault();
    const target = event.key === 'End' ? all.length - 1 : event.key === 'Home' || index < 0 ? 0 : index + (move ?? 0);
    setReadX(all[Math.min(all.length - 1, Math.max(0, target))]?.x ?? null);
  }

  return (
    <div
      className="plot"
      role="slider"
      tabIndex={0}
      aria-label={`${title}: read the values with the arrow keys`}
      aria-valuemin={xAxis.low}
      aria-valuemax={xAxis.high}
      aria-valuenow={row?.x ?? xAxis.low}
      aria-valuetext={row?.lines.join(', ') ?? 'nothing read yet'}
      onPointerMove={readAt}
      onPointerLeave={() => setReadX(null)}
      onBlur={() => setReadX(null)}
      onKeyDown={readByKey}
    >
      <PlotDrawing {...props} />
      {row && <ReadOut row={row} xPx={toPixelX(xAxis, box, row.x)} widthPx={widthPx} box={box} heightPx={heightPx} />}
    </div>
  );
});

const PlotDrawing = memo(function PlotDrawing(props: PlotProps) {
  const {
    widthPx,
    heightPx,
    box,
    xAxis,
    yAxis,
    lines,
    marks = [],
    zones = [],
    resets = [],
    wordRows = 0,
    endLabels = [],
  } = props;
  const wordBandPx = wordRows * rowHeightPx;
  return (
    <svg
      className="plotDrawing"
      width={widthPx}
      height={heightPx}
      viewBox={`0 0 ${widthPx} ${heightPx}`}
      aria-hidden="true"
    >
      {zones.length > 0 && <Zones zones={zones} xAxis={xAxis} box={box} wordRows={wordRows} />}
      <Axes xAxis={xAxis} yAxis={yAxis} box={box} wordBandPx={wordBandPx} />
      {resets.length > 0 && <ResetLines resets={resets} xAxis={xAxis} box={box} />}
      {marks.length > 0 && <MarkLines marks={marks} xAxis={xAxis} box={box} />}
      {lines.map((line) => (
        <path
          key={line.id}
          data-line={line.id}
          d={linePath(line.points, xAxis, yAxis, box)}
          fill="none"
          stroke={`var(${line.color})`}
          strokeWidth={line.widthPx}
          strokeLinejoin="round"
        />
      ))}
      {lines
        .filter((line) => line.hasDots)
        .flatMap((line) =>
          line.points.map((point) => (
            <circle
              key={`${line.id} ${point.x}`}
              cx={toPixelX(xAxis, box, point.x)}
              cy={toPixelY(yAxis, box, point.y)}
              r={3}
              fill={`var(${line.color})`}
            />
          )),
        )}
      {marks.map((mark) => (
        <circle
          key={mark.id}
          data-mark={mark.id}
          cx={toPixelX(xAxis, box, mark.point.x)}
          cy={toPixelY(yAxis, box, mark.point.y)}
          r={4.5}
          fill="var(--paper)"
          stroke="var(--ink)"
          strokeWidth={1.5}
        />
      ))}
      {endLabels.map((label) => (
        <text
          key={label.id}
          className="plotText"
          x={box.right + 8}
          y={toPixelY(yAxis, box, label.y) + 4}
          fill={`var(${label.color})`}
        >
          {label.text}
        </text>
      ))}
    </svg>
  );
});

interface AxesProps {
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  readonly box: PlotBox;
  readonly wordBandPx: number;
}

const Axes = memo(function Axes({ xAxis, yAxis, box, wordBandPx }: AxesProps) {
  return (
    <g>
      {yAxis.ticks.map((tick) => (
        <g key={tick}>
          <line
            x1={box.left}
            x2={box.right}
            y1={toPixelY(yAxis, box, tick)}
            y2={toPixelY(yAxis, box, tick)}
            stroke="var(--hairline)"
            strokeWidth={tick === yAxis.low ? 1 : 0.5}
          />
          <text
            className="plotText"
            x={box.left - 8}
            y={toPixelY(yAxis, box, tick) + 4}
            textAnchor="end"
            fill="var(--muted)"
          >
            {yAxis.format(tick)}
          </text>
        </g>
      ))}
      {yAxis.label !== null && (
        <text className="plotText" x={box.left - 8} y={box.top - 14} textAnchor="end" fill="var(--muted)">
          {yAxis.label}
        </text>
      )}
      {xAxis.label !== null &&
        xAxis.ticks.map((tick) => (
          <text
            key={tick}
            className="plotText"
            x={toPixelX(xAxis, box, tick)}
            y={box.bottom + wordBandPx + 18}
            textAnchor="middle"
            fill="var(--muted)"
          >
            {xAxis.format(tick)}
          </text>
        ))}
      {xAxis.label !== null && (
        <text
          className="plotText"
          x={(box.left + box.right) / 2}
          y={box.bottom + wordBandPx + 36}
          textAnchor="middle"
          fill="var(--muted)"
        >
          {xAxis.label}
        </text>
      )}
    </g>
  );
});

interface ReadOutProps {
  readonly row: ReadOutRow;
  readonly xPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly box: PlotBox;
}

function ReadOut({ row, xPx, widthPx, box }: ReadOutProps) {
  const isLeftHalf = xPx < widthPx / 2;
  const style = isLeftHalf ? { left: xPx + 12 } : { right: widthPx - xPx + 12 };
  return (
    <>
      <span className="readLine" style={{ left: xPx, top: box.top, height: box.bottom - box.top }} />
      <span className="readOut" style={{ ...style, top: box.top }}>
        {row.lines.map((line) => (
          <span key={line}>{line}</span>
        ))}
      </span>
    </>
  );
}
