// A handle on the finder's curve: dragged, or moved with the arrow keys, it chooses the rate of any point.

import type { KeyboardEvent, PointerEvent } from 'react';
import { formatLoss, formatRate } from '../ui/formatNumbers.ts';
import { type FinderCurve, lossNear, nearestRow, zoneWordAt } from './finderCurve.ts';
import { type Axis, nearestIndex, type PlotBox, toPixelX, toPixelY } from './plotScale.ts';

const moves: Readonly<Record<string, number>> = {
  ArrowRight: 1,
  ArrowUp: 1,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageUp: 10,
  PageDown: -10,
  Home: Number.NEGATIVE_INFINITY,
  End: Number.POSITIVE_INFINITY,
};

interface CurveHandleProps {
  readonly curve: FinderCurve;
  readonly rate: number;
  readonly onChoose: (learningRate: number) => void;
  readonly xAxis: Axis;
  readonly yAxis: Axis;
  readonly box: PlotBox;
}

/** Stands beside the plot that it lies on, in a parent of the plot's size: the plot itself is a slider, too. */
export function CurveHandle({ curve: { rows, zones }, rate, onChoose, xAxis, yAxis, box }: CurveHandleProps) {
  const left = toPixelX(xAxis, box, rate);
  const loss = lossNear(rows, rate);
  const top = toPixelY(yAxis, box, loss);
  const word = zoneWordAt(zones, rate);

  function chooseRow(index: number) {
    const row = rows[Math.min(rows.length - 1, Math.max(0, index))];
    if (row) onChoose(row.learningRate);
  }
  function drag(event: PointerEvent<HTMLDivElement>) {
    const handle = event.currentTarget;
    if (!handle.hasPointerCapture(event.pointerId) || !handle.parentElement) return;
    const pixelX = event.clientX - handle.parentElement.getBoundingClientRect().left;
    const rates = rows.map((row) => row.learningRate);
    chooseRow(nearestIndex(rates, xAxis, box, pixelX));
  }
  function moveByKey(event: KeyboardEvent) {
    const move = moves[event.key];
    if (move === undefined) return;
    event.preventDefault();
    chooseRow(nearestRow(rows, rate) + move);
  }

  return (
    <>
      <span className="curveHandleLine" style={{ left, top, height: Math.max(0, box.bottom - top) }} />
      <div
        className="curveHandle"
        role="slider"
        tabIndex={0}
        style={{ left, top }}
        aria-label="A rate of your own, along the curve"
        aria-valuemin={xAxis.low}
        aria-valuemax={xAxis.high}
        aria-valuenow={rate}
        aria-valuetext={[`rate ${formatRate(rate)}`, `loss ${formatLoss(loss)}`, ...(word ? [word] : [])].join(', ')}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={moveByKey}
      />
    </>
  );
}
