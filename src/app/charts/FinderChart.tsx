// Draws the learning-rate finder: smoothed loss over the rate on a log axis, both suggestions marked and named on the curve.

import { useMemo } from 'react';
import type { StepRun } from '../store/eventLog.ts';
import { formatLoss, formatRate } from '../ui/formatNumbers.ts';
import { useElementWidth } from '../ui/useElementWidth.ts';
import { powersOfTen, roundTicks } from './axes.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { type FinderCurve, finderCurveCsv, queryFinderCurve } from './finderCurve.ts';
import { Plot, type PlotProps } from './Plot.tsx';

const heightPx = 344;
const narrowPx = 480;

interface FinderChartProps {
  readonly run: StepRun;
  /** How many points the run has by now; a new count is what makes the curve be read again. */
  readonly pointCount: number;
  readonly hasSuggestions: boolean;
  readonly title: string;
}

export function FinderChart({ run, pointCount, hasSuggestions, title }: FinderChartProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run is appended to in place; its counts say when it changed.
  const curve = useMemo(() => queryFinderCurve(run), [run, pointCount, hasSuggestions]);
  const [ref, widthPx] = useElementWidth<HTMLDivElement>();
  return (
    <ChartFrame title={title} fileName="learning-rate" csv={() => finderCurveCsv(run)}>
      <div ref={ref} className="chartSingle">
        {widthPx > 0 && curve.rows.length > 1 && <Plot {...finderPlot(curve, widthPx)} />}
      </div>
    </ChartFrame>
  );
}

function finderPlot({ rows, marks }: FinderCurve, widthPx: number): PlotProps {
  const low = rows[0]?.learningRate ?? 1e-5;
  const high = rows.at(-1)?.learningRate ?? 10;
  const losses = rows.map((row) => row.loss);
  const yTicks = roundTicks(Math.min(...losses), Math.max(...losses), 5);
  return {
    title: 'Loss against learning rate',
    widthPx,
    heightPx,
    box: { left: 52, right: widthPx - 16, top: 32, bottom: heightPx - 44 },
    xAxis: {
      low,
      high,
      isLog: true,
      ticks: powersOfTen(low, high),
      format: formatRate,
      label: 'learning rate, log scale',
    },
    yAxis: {
      low: yTicks[0] ?? 0,
      high: yTicks.at(-1) ?? 1,
      isLog: false,
      ticks: yTicks,
      format: String,
      label: 'loss',
    },
    lines: [
      { id: 'loss', points: rows.map((row) => ({ x: row.learningRate, y: row.loss })), color: '--train', widthPx: 2 },
    ],
    marks: marks.map((mark) => ({
      id: mark.rule,
      lineX: mark.learningRate,
      point: { x: mark.markedLearningRate, y: mark.markedLoss },
      // On a narrow chart the buttons below say which rule a rate comes from.
      name: widthPx < narrowPx ? formatRate(mark.learningRate) : `${mark.label}: ${formatRate(mark.learningRate)}`,
    })),
    readRows: () =>
      rows.map((row) => ({
        x: row.learningRate,
        lines: [`rate ${formatRate(row.learningRate)}`, `loss ${formatLoss(row.loss)}`],
      })),
  };
}
