// The rate of a training before it runs, batch by batch, with the batches at which it begins anew; below it the momentum, where it moves.

import type { SchedulePlan } from '../../protocol/schedule.ts';
import { formatCount, formatRate } from '../ui/formatNumbers.ts';
import { useElementWidth } from '../ui/useElementWidth.ts';
import { countTicks } from './axes.ts';
import { ChartFrame } from './ChartFrame.tsx';
import { Plot, type PlotProps } from './Plot.tsx';
import type { PlotBox } from './plotScale.ts';
import { describeCycles, doesMomentumMove, readPlanRows, resetsOf, schedulePlanCsv } from './schedulePlan.ts';

/** Room for the word above the axis: 'momentum' is a long one. */
const leftPx = { rate: 52, momentum: 80 };
const rightPx = 24;
const rateHeightPx = 136;
const momentumHeightPx = 88;
const axisPx = 44;

export function ScheduleChart({ plan, title }: { plan: SchedulePlan; title: string }) {
  const [ref, widthPx] = useElementWidth<HTMLDivElement>();
  const hasMomentum = doesMomentumMove(plan);
  const box = { left: hasMomentum ? leftPx.momentum : leftPx.rate, right: widthPx - rightPx, top: 28 };
  return (
    <ChartFrame title={title} fileName="schedule" csv={() => schedulePlanCsv(plan)}>
      <div ref={ref} className="chartSchedule" data-momentum={hasMomentum}>
        {widthPx > 0 && (
          <>
            <Plot {...ratePlot(plan, widthPx, box, !hasMomentum)} />
            {hasMomentum && <Plot {...momentumPlot(plan, widthPx, box)} />}
          </>
        )}
      </div>
      <ul className="visuallyHidden">
        {describeCycles(plan).map((sentence) => (
          <li key={sentence}>{sentence}</li>
        ))}
      </ul>
    </ChartFrame>
  );
}

function batchAxis({ batches }: SchedulePlan, widthPx: number, label: string | null) {
  const high = Math.max(1, batches - 1);
  return { low: 0, high, isLog: false, ticks: countTicks(high, widthPx < 480 ? 4 : 8), format: formatCount, label };
}

type BoxSides = Omit<PlotBox, 'bottom'>;

function ratePlot(plan: SchedulePlan, widthPx: number, sides: BoxSides, isLast: boolean): PlotProps {
  const points = plan.points.map(({ batch, learningRate }) => ({ x: batch, y: learningRate }));
  const top = Math.max(...points.map(({ y }) => y), Number.MIN_VALUE);
  const heightPx = rateHeightPx + (isLast ? axisPx : 12);
  return {
    title: 'Learning rate planned per batch',
    widthPx,
    heightPx,
    box: { ...sides, bottom: rateHeightPx },
    xAxis: batchAxis(plan, widthPx, isLast ? 'batch' : null),
    yAxis: { low: 0, high: top * 1.05, isLog: false, ticks: [0, top], format: formatRate, label: 'rate' },
    lines: [{ id: 'plannedRate', points, color: '--rate', widthPx: 1.5 }],
    resets: resetsOf(plan),
    readRows: () => readPlanRows(plan),
  };
}

function momentumPlot(plan: SchedulePlan, widthPx: number, sides: BoxSides): PlotProps {
  const points = plan.points.map(({ batch, momentum }) => ({ x: batch, y: momentum }));
  const values = points.map(({ y }) => y);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const marginOf = (high - low) * 0.1;
  return {
    title: 'Momentum planned per batch',
    widthPx,
    heightPx: momentumHeightPx + axisPx,
    box: { ...sides, bottom: momentumHeightPx },
    xAxis: batchAxis(plan, widthPx, 'batch'),
    yAxis: {
      low: low - marginOf,
      high: high + marginOf,
      isLog: false,
      ticks: [low, high],
      format: (value) => value.toFixed(2),
      label: 'momentum',
    },
    lines: [{ id: 'plannedMomentum', points, color: '--ink', widthPx: 1.25 }],
    resets: resetsOf(plan),
    readRows: () => readPlanRows(plan),
  };
}
