// Queries over a training's plan: where the rate begins anew, and what stands at each of its points.

import type { SchedulePlan } from '../../protocol/schedule.ts';
import { formatCount, formatRate } from '../ui/formatNumbers.ts';
import type { ReadOutRow } from './Plot.tsx';
import type { PlotReset } from './PlotResets.tsx';

/** The first batch of every cycle but the first. */
export function resetsOf({ cycles }: SchedulePlan): readonly PlotReset[] {
  return cycles.slice(0, -1).map(({ end }, index) => ({ x: end, cycle: index + 2 }));
}

export function doesMomentumMove({ points }: SchedulePlan): boolean {
  return points.some(({ momentum }) => momentum !== points[0]?.momentum);
}

export function readPlanRows(plan: SchedulePlan): readonly ReadOutRow[] {
  const { points, cycles, batchesPerEpoch } = plan;
  return points.map(({ batch, learningRate, momentum }) => ({
    x: batch,
    lines: [
      `batch ${formatCount(batch)}`,
      `epoch ${formatCount(Math.floor(batch / batchesPerEpoch))}`,
      ...(cycles.length > 1 ? [`cycle ${cycles.findIndex(({ end }) => batch < end) + 1}`] : []),
      `rate ${formatRate(learningRate)}`,
      `momentum ${Number(momentum.toPrecision(3))}`,
    ],
  }));
}

/** For those who cannot see the curve: where each cycle lies and how far the rate goes in it. */
export function describeCycles({ cycles, points }: SchedulePlan): readonly string[] {
  return cycles.map(({ end, epochs }, index) => {
    const start = cycles[index - 1]?.end ?? 0;
    const rates = points.flatMap(({ batch, learningRate }) => (batch >= start && batch < end ? learningRate : []));
    const [low, high] = [Math.min(...rates), Math.max(...rates)].map(formatRate);
    const range = rates.length === 0 ? '' : low === high ? `, rate ${high}` : `, rate between ${low} and ${high}`;
    const name = cycles.length === 1 ? 'The whole training' : `Cycle ${index + 1}`;
    return `${name}: batches ${formatCount(start)} to ${formatCount(end - 1)}, ${epochs} ${epochs === 1 ? 'epoch' : 'epochs'}${range}.`;
  });
}

export function schedulePlanCsv({ points }: SchedulePlan): string {
  const lines = points.map(({ batch, learningRate, momentum }) => [batch, learningRate, momentum].join(','));
  return `${['batch,learning_rate,momentum', ...lines].join('\n')}\n`;
}
