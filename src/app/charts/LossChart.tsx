// Draws the training curves: loss above (train in ink blue, valid in orange), the rate in a small panel below on the same x-axis.

import { useMemo } from 'react';
import type { StepRun } from '../store/eventLog.ts';
import { formatCount, formatLoss, formatRate } from '../ui/formatNumbers.ts';
import { useElementWidth } from '../ui/useElementWidth.ts';
import { countTicks, roundTicks } from './axes.ts';
import type { CurvePoint } from './bucketing.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { type LossCurves, type LossRow, lossCurvesCsv, queryLossCurves } from './lossCurves.ts';
import { Plot, type PlotProps, type ReadOutRow } from './Plot.tsx';
import type { PlotReset } from './PlotResets.tsx';
import { resetsOf } from './schedulePlan.ts';

const leftPx = 52;
const rightPx = 96;
const lossHeightPx = 288;
const rateHeightPx = 96;

interface LossChartProps {
  readonly run: StepRun;
  /** How many batches the run has by now; a new count is what makes the curves be read again. */
  readonly batchCount: number;
  readonly epochCount: number;
  readonly hasEnded: boolean;
  readonly title: string;
}

export function LossChart({ run, batchCount, epochCount, hasEnded, title }: LossChartProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run is appended to in place; its counts say when it changed.
  const curves = useMemo(() => queryLossCurves(run), [run, batchCount, epochCount, hasEnded]);
  const [ref, widthPx] = useElementWidth<HTMLDivElement>();
  return (
    <ChartFrame title={title} fileName="loss" csv={() => lossCurvesCsv(run)}>
      <div ref={ref} className="chartPair">
        {widthPx > 0 && curves.rows.length > 0 && (
          <>
            <Plot {...lossPlot(curves, widthPx)} />
            <Plot {...ratePlot(curves, widthPx)} />
          </>
        )}
      </div>
    </ChartFrame>
  );
}

/** One series of the rows, without the places where it has no value. */
function pointsOf(rows: readonly LossRow[], series: keyof Omit<LossRow, 'batch'>) {
  return rows.flatMap((row) => {
    const y = row[series];
    return y === null ? [] : [{ x: row.batch, y }];
  });
}

function batchAxis({ lastBatch }: LossCurves, widthPx: number, label: string | null) {
  const high = Math.max(1, lastBatch);
  return { low: 0, high, isLog: false, ticks: countTicks(high, widthPx < 480 ? 4 : 8), format: formatCount, label };
}

function lossPlot(curves: LossCurves, widthPx: number): PlotProps {
  const { rows, latestTrainLoss, latestValid } = curves;
  const highest = Math.max(0.1, ...rows.flatMap((row) => [row.loss ?? 0, row.validLoss ?? 0]));
  const ticks = roundTicks(0, highest, 5);
  const top = ticks.at(-1) ?? 1;
  const labelled = placeLabels(latestTrainLoss, latestValid?.loss ?? null, top);
  return {
    title: 'Loss per batch',
    widthPx,
    heightPx: lossHeightPx,
    box: { left: leftPx, right: widthPx - rightPx, top: 32, bottom: lossHeightPx - 12 },
    xAxis: batchAxis(curves, widthPx, null),
    yAxis: { low: 0, high: top, isLog: false, ticks, format: String, label: 'loss' },
    lines: [
      { id: 'loss', points: pointsOf(rows, 'loss'), color: '--trainPale', widthPx: 1 },
      { id: 'train', points: pointsOf(rows, 'smoothedLoss'), color: '--train', widthPx: 2 },
      { id: 'valid', points: pointsOf(rows, 'validLoss'), color: '--valid', widthPx: 2, hasDots: true },
    ],
    resets: resetsWithin(curves),
    endLabels: [
      ...(latestTrainLoss === null
        ? []
        : [{ id: 'train', y: labelled.train, color: '--train', text: `train ${latestTrainLoss.toFixed(3)}` }]),
      ...(latestValid === null
        ? []
        : [{ id: 'valid', y: labelled.valid, color: '--valid', text: `valid ${latestValid.loss.toFixed(3)}` }]),
    ],
    readRows: () => rows.map(toReadOut),
  };
}

/** Keeps the two labels at the lines' ends apart, by moving the lower one down and the upper one up. */
export function placeLabels(train: number | null, valid: number | null, top: number): { train: number; valid: number } {
  const apart = top * 0.075;
  if (train === null || valid === null || Math.abs(train - valid) >= apart) {
    return { train: train ?? 0, valid: valid ?? 0 };
  }
  const middle = Math.min(Math.max((train + valid) / 2, apart / 2), top - apart / 2);
  const isTrainAbove = train >= valid;
  return {
    train: middle + (isTrainAbove ? apart : -apart) / 2,
    valid: middle + (isTrainAbove ? -apart : apart) / 2,
  };
}

function toReadOut(row: LossRow): ReadOutRow {
  const lines = [
    `batch ${formatCount(row.batch)}`,
    ...(row.loss === null ? [] : [`loss ${formatLoss(row.loss)}`]),
    ...(row.smoothedLoss === null ? [] : [`train, smoothed ${formatLoss(row.smoothedLoss)}`]),
    ...(row.validLoss === null ? [] : [`valid ${formatLoss(row.validLoss)}`]),
    ...(row.learningRate === null ? [] : [`rate ${formatRate(row.learningRate)}`]),
  ];
  return { x: row.batch, lines };
}

/** Those that lie on the axis: of a run that was stopped, none behind its end. */
function resetsWithin({ plan, lastBatch }: LossCurves): readonly PlotReset[] {
  return plan ? resetsOf(plan).filter(({ x }) => x <= lastBatch) : [];
}

function plannedWithin({ plan, lastBatch }: LossCurves): readonly CurvePoint[] {
  const points = plan?.points.filter(({ batch }) => batch <= lastBatch) ?? [];
  return points.map(({ batch, learningRate }) => ({ x: batch, y: learningRate }));
}

function ratePlot(curves: LossCurves, widthPx: number): PlotProps {
  const points = pointsOf(curves.rows, 'learningRate');
  const planned = plannedWithin(curves);
  const top = Math.max(...points.map((point) => point.y), ...planned.map((point) => point.y), Number.MIN_VALUE);
  const last = points.at(-1);
  return {
    title: 'Learning rate per batch',
    widthPx,
    heightPx: rateHeightPx,
    box: { left: leftPx, right: widthPx - rightPx, top: 12, bottom: rateHeightPx - 44 },
    xAxis: batchAxis(curves, widthPx, 'batch'),
    yAxis: { low: 0, high: top * 1.2, isLog: false, ticks: [0, top], format: formatRate, label: null },
    lines: [
      { id: 'planned', points: planned, color: '--edge', widthPx: 0.75 },
      { id: 'rate', points, color: '--rate', widthPx: 1.5 },
    ],
    resets: resetsWithin(curves).map((reset) => ({ ...reset, isNamed: false })),
    ...(last ? { endLabels: [{ id: 'rate', y: last.y, color: '--rate', text: `rate ${formatRate(last.y)}` }] } : {}),
  };
}
