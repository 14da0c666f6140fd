// Draws the learning-rate finder: smoothed loss over the rate on a log axis, shaded by how it is read, with every suggestion
// marked and named and a handle for any other rate; below it the rate of every batch.

import { useMemo } from 'react';
import type { FinderZoneKind } from '../../protocol/training.ts';
import type { StepRun } from '../store/eventLog.ts';
import { formatCount, formatLoss, formatRate } from '../ui/formatNumbers.ts';
import { useElementWidth } from '../ui/useElementWidth.ts';
import { countTicks, powersOfTen, roundTicks } from './axes.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { CurveHandle } from './CurveHandle.tsx';
import { type FinderCurve, finderCurveCsv, queryFinderCurve, zoneWordAt, zoneWords } from './finderCurve.ts';
import { rowHeightPx } from './labels.ts';
import { Plot, type PlotProps } from './Plot.tsx';
import type { PlotZone } from './PlotZones.tsx';

const leftPx = 52;
const rightPx = 16;
const narrowPx = 480;
/** Room above the curve for the names of four suggestions. */
const namesHeightPx = 80;
/** Without the rows of words between the plot and its numbers. */
const lossHeightPx = 392;
const rateHeightPx = 116;

const zoneColors: Readonly<Record<FinderZoneKind, Pick<PlotZone, 'ground' | 'color'>>> = {
  tooSmall: { ground: '--wash', color: '--muted' },
  good: { ground: '--accentWash', color: '--accent' },
  nearEdge: { ground: '--cautionWash', color: '--caution' },
  diverging: { ground: '--dangerWash', color: '--danger' },
};

interface FinderChartProps {
  readonly run: StepRun;
  /** How many points the run has by now; a new count is what makes the curve be read again. */
  readonly pointCount: number;
  readonly hasSuggestions: boolean;
  readonly title: string;
  /** Where the handle stands; null while there is none. */
  readonly handleRate: number | null;
  readonly onChoose: (learningRate: number) => void;
}

export function FinderChart({ run, pointCount, hasSuggestions, title, handleRate, onChoose }: FinderChartProps) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: the run is appended to in place; its counts say when it changed.
  const curve = useMemo(() => queryFinderCurve(run), [run, pointCount, hasSuggestions]);
  const [ref, widthPx] = useElementWidth<HTMLDivElement>();
  const loss = useMemo(() => lossPlot(curve, widthPx), [curve, widthPx]);
  const rate = useMemo(() => ratePlot(curve, widthPx), [curve, widthPx]);
  return (
    <ChartFrame title={title} fileName="learning-rate" csv={() => finderCurveCsv(run)}>
      <div ref={ref} className="chartFinder">
        {widthPx > 0 && curve.rows.length > 1 && (
          <>
            <div className="plotAndHandle">
              <Plot {...loss} />
              {handleRate !== null && (
                <CurveHandle
                  curve={curve}
                  rate={handleRate}
                  onChoose={onChoose}
                  xAxis={loss.xAxis}
                  yAxis={loss.yAxis}
                  box={loss.box}
                />
              )}
            </div>
            <Plot {...rate} />
          </>
        )}
      </div>
    </ChartFrame>
  );
}

function lossPlot({ rows, marks, zones }: FinderCurve, widthPx: number): PlotProps {
  const low = rows[0]?.learningRate ?? 1e-5;
  const high = rows.at(-1)?.learningRate ?? 10;
  const losses = rows.map((row) => row.loss);
  const isNarrow = widthPx < narrowPx;
  const wordRows = isNarrow ? 2 : 1;
  const yTicks = roundTicks(Math.min(...losses), Math.max(...losses), 5);
  return {
    title: 'Loss against learning rate',
    widthPx,
    heightPx: lossHeightPx + wordRows * rowHeightPx,
    box: { left: leftPx, right: widthPx - rightPx, top: namesHeightPx, bottom: lossHeightPx - 44 },
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
      // On a narrow chart the buttons below say the rate of each rule.
      name: isNarrow ? mark.label : `${mark.label}: ${formatRate(mark.learningRate)}`,
    })),
    wordRows,
    zones: zones.map(({ kind, fromRate, toRate }) => ({
      id: kind,
      fromX: fromRate,
      toX: toRate,
      ...zoneColors[kind],
      word: zoneWords[kind],
    })),
    readRows: () =>
      rows.map((row) => {
        const word = zoneWordAt(zones, row.learningRate);
        const lines = [`rate ${formatRate(row.learningRate)}`, `loss ${formatLoss(row.loss)}`];
        return { x: row.learningRate, lines: word === null ? lines : [...lines, word] };
      }),
  };
}

/** The sweep itself: each batch multiplies the rate, which is a straight line on a log axis. */
function ratePlot({ rates }: FinderCurve, widthPx: number): PlotProps {
  const low = rates[0]?.y ?? 1e-5;
  const high = rates.at(-1)?.y ?? 10;
  const lastBatch = Math.max(1, rates.at(-1)?.x ?? 1);
  const ticks = powersOfTen(low, high);
  return {
    title: 'Learning rate against batch',
    widthPx,
    heightPx: rateHeightPx,
    box: { left: leftPx, right: widthPx - rightPx, top: 24, bottom: rateHeightPx - 44 },
    xAxis: {
      low: 0,
      high: lastBatch,
      isLog: false,
      ticks: countTicks(lastBatch, widthPx < narrowPx ? 4 : 8),
      format: formatCount,
      label: 'batch',
    },
    yAxis: {
      low,
      high,
      isLog: true,
      ticks: ticks.filter((_, index) => index % 2 === 0),
      format: formatRate,
      label: 'rate',
    },
    lines: [{ id: 'rate', points: rates, color: '--rate', widthPx: 1.5 }],
    readRows: () => rates.map(({ x, y }) => ({ x, lines: [`batch ${formatCount(x)}`, `rate ${formatRate(y)}`] })),
  };
}
