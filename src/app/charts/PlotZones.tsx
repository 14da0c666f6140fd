// Shaded stretches of a plot's x-axis, with their words in rows below it.

import { placeWords, rowHeightPx } from './labels.ts';
import { type Axis, type PlotBox, toPixelX } from './plotScale.ts';

/** A shaded stretch of the x-axis, with a word below it. Colours are custom properties of tokens.css. */
export interface PlotZone {
  readonly id: string;
  readonly fromX: number;
  readonly toX: number;
  readonly ground: string;
  readonly color: string;
  readonly word: string;
}

interface ZonesProps {
  readonly zones: readonly PlotZone[];
  readonly xAxis: Axis;
  readonly box: PlotBox;
  readonly wordRows: number;
}

export function Zones({ zones, xAxis, box, wordRows }: ZonesProps) {
  const spans = zones.map((zone) => ({
    left: Math.max(box.left, toPixelX(xAxis, box, zone.fromX)),
    right: Math.min(box.right, toPixelX(xAxis, box, zone.toX)),
    text: zone.word,
  }));
  const places = placeWords(spans, box, wordRows);
  return (
    <g>
      {zones.map((zone, index) => {
        const { left, right } = spans[index] ?? box;
        return (
          <rect
            key={zone.id}
            data-zone={zone.id}
            x={left}
            y={box.top}
            width={Math.max(0, right - left)}
            height={box.bottom + wordRows * rowHeightPx - box.top}
            fill={`var(${zone.ground})`}
          />
        );
      })}
      {zones.map((zone, index) => (
        <text
          key={zone.id}
          className="plotText"
          x={places[index]?.middle}
          y={box.bottom + ((places[index]?.row ?? 0) + 1) * rowHeightPx - 4}
          textAnchor="middle"
          fill={`var(${zone.color})`}
        >
          {zone.word}
        </text>
      ))}
    </g>
  );
}
