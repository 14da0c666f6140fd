// The query behind the learning-rate chart: the smoothed loss against the rate, and where the suggestions lie on it.

import type { LearningRateSuggestion } from '../../protocol/training.ts';
import { lastOf, type StepRun } from '../store/eventLog.ts';
import { bucketMinMax, type CurvePoint } from './bucketing.ts';

export interface FinderRow {
  readonly learningRate: number;
  readonly loss: number;
}

export interface FinderMark extends LearningRateSuggestion {
  /** Loss on the curve where the mark is drawn. */
  readonly markedLoss: number;
}

export interface FinderCurve {
  readonly rows: readonly FinderRow[];
  readonly marks: readonly FinderMark[];
}

export function queryFinderCurve(run: StepRun, maxPoints = 240): FinderCurve {
  const points = run.byType.lrPoint
    .filter((event) => event.learningRate > 0 && Number.isFinite(event.loss))
    .map<CurvePoint>((event) => ({ x: event.learningRate, y: event.loss }));
  const rows = bucketMinMax(points, maxPoints).map(({ x, y }) => ({ learningRate: x, loss: y }));
  const suggestions = lastOf(run.byType.lrSuggested)?.suggestions ?? [];
  const marks = suggestions.map((suggestion) => ({
    ...suggestion,
    markedLoss: lossNear(points, suggestion.markedLearningRate),
  }));
  return { rows, marks };
}

function lossNear(points: readonly CurvePoint[], learningRate: number): number {
  let nearest = points[0];
  for (const point of points) {
    if (nearest && Math.abs(Math.log(point.x / learningRate)) < Math.abs(Math.log(nearest.x / learningRate))) {
      nearest = point;
    }
  }
  return nearest?.y ?? 0;
}

export function finderCurveCsv(run: StepRun): string {
  const lines = run.byType.lrPoint.map((event) => [event.iteration, event.learningRate, event.loss].join(','));
  return `${['iteration,learning_rate,loss_smoothed', ...lines].join('\n')}\n`;
}
