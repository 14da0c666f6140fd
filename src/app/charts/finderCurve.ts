// The query behind the learning-rate chart: the smoothed loss against the rate, where the suggestions lie on it, how it is
// read, and the rate of every batch.

import type { FinderZone, FinderZoneKind, LearningRateSuggestion } from '../../protocol/training.ts';
import { lastOf, type StepRun } from '../store/eventLog.ts';
import { recommendedOf } from '../store/finder.ts';
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
  readonly zones: readonly FinderZone[];
  /** The rate of each batch: x counts batches from 1. */
  readonly rates: readonly CurvePoint[];
}

export const zoneWords: Readonly<Record<FinderZoneKind, string>> = {
  tooSmall: 'too small',
  good: 'good',
  nearEdge: 'near edge',
  diverging: 'blows up',
};

export function queryFinderCurve(run: StepRun, maxPoints = 240): FinderCurve {
  const usable = run.byType.lrPoint.filter((event) => event.learningRate > 0 && Number.isFinite(event.loss));
  const points = usable.map<CurvePoint>((event) => ({ x: event.learningRate, y: event.loss }));
  const rows = bucketMinMax(points, maxPoints).map(({ x, y }) => ({ learningRate: x, loss: y }));
  const suggested = lastOf(run.byType.lrSuggested);
  const marks = (suggested?.suggestions ?? []).map((suggestion) => ({
    ...suggestion,
    markedLoss: lossNear(rows, suggestion.markedLearningRate),
  }));
  const rates = usable.map<CurvePoint>((event) => ({ x: event.iteration + 1, y: event.learningRate }));
  // A run that was recorded before there were zones has none.
  return { rows, marks, zones: suggested?.zones ?? [], rates: bucketMinMax(rates, maxPoints) };
}

/** Where the handle stands before anybody moves it: at the recommended rate, else in the middle. Null without a curve. */
export function startOfHandle(run: StepRun): number | null {
  const points = run.byType.lrPoint;
  const recommended = recommendedOf(lastOf(run.byType.lrSuggested)?.suggestions ?? []);
  return recommended?.learningRate ?? points[Math.floor(points.length / 2)]?.learningRate ?? null;
}

/** The word for a rate; null where the curve says nothing about it. */
export function zoneWordAt(zones: readonly FinderZone[], learningRate: number): string | null {
  const zone = zones.findLast(({ fromRate }) => fromRate <= learningRate);
  return zone ? zoneWords[zone.kind] : null;
}

/** Index of the row nearest to a rate, as the log axis shows it. -1 when there are none. */
export function nearestRow(rows: readonly FinderRow[], learningRate: number): number {
  const distances = rows.map((row) => Math.abs(Math.log(row.learningRate / learningRate)));
  return distances.indexOf(Math.min(...distances));
}

export function lossNear(rows: readonly FinderRow[], learningRate: number): number {
  return rows[nearestRow(rows, learningRate)]?.loss ?? 0;
}

export function finderCurveCsv(run: StepRun): string {
  const lines = run.byType.lrPoint.map((event) => [event.iteration, event.learningRate, event.loss].join(','));
  return `${['iteration,learning_rate,loss_smoothed', ...lines].join('\n')}\n`;
}
