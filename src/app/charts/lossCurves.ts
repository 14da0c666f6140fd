// The query behind the training charts: loss per batch, valid loss at epoch ends, learning rate, from one step run.

import type { SchedulePlan } from '../../protocol/schedule.ts';
import { lastOf, type StepRun } from '../store/eventLog.ts';
import { bucketMinMax, type CurvePoint } from './bucketing.ts';

/** One row for the drawing; a series that has no value at this batch is null. */
export interface LossRow {
  /** Batches since the fit began, 0-based. */
  readonly batch: number;
  readonly loss: number | null;
  readonly smoothedLoss: number | null;
  readonly validLoss: number | null;
  readonly learningRate: number | null;
}

export interface LossCurves {
  readonly rows: readonly LossRow[];
  /** Where the axis ends: at the last batch that is planned while the run goes on, and where it ended once it has. */
  readonly lastBatch: number;
  /** Null in a recording from before there were plans. */
  readonly plan: SchedulePlan | null;
  readonly latestTrainLoss: number | null;
  readonly latestValid: { readonly batch: number; readonly loss: number } | null;
}

interface BatchPoint extends CurvePoint {
  readonly smoothedLoss: number;
  readonly learningRate: number;
}

/** Bucketed so that at most `maxPoints` rows are drawn; every epoch end keeps its row. */
export function queryLossCurves(run: StepRun, maxPoints = 240): LossCurves {
  const batches = run.byType.batchEnded.filter((event) => Number.isFinite(event.loss));
  const points = batches.map<BatchPoint>((event) => ({
    x: event.iteration,
    y: event.loss,
    smoothedLoss: event.smoothedLoss,
    learningRate: event.learningRate,
  }));
  const validByBatch = validLossByBatch(run);
  const rowsByBatch = new Map<number, LossRow>();
  for (const point of bucketMinMax(points, maxPoints)) rowsByBatch.set(point.x, toRow(point, null));
  for (const [batch, validLoss] of validByBatch) {
    const point = points.findLast((candidate) => candidate.x <= batch);
    if (point) rowsByBatch.set(batch, toRow({ ...point, x: batch }, validLoss));
  }
  const plan = lastOf(run.byType.schedulePlanned)?.plan ?? null;
  const isRunning = run.byType.stepEnded.length === 0;
  const latestBatch = points.at(-1)?.x ?? 0;
  const latestValid = Array.from(validByBatch).at(-1);
  return {
    rows: Array.from(rowsByBatch.values()).sort((a, b) => a.batch - b.batch),
    lastBatch: isRunning && plan ? Math.max(latestBatch, plan.batches - 1) : latestBatch,
    plan,
    latestTrainLoss: points.at(-1)?.smoothedLoss ?? null,
    latestValid: latestValid ? { batch: latestValid[0], loss: latestValid[1] } : null,
  };
}

function toRow(point: BatchPoint, validLoss: number | null): LossRow {
  const { x: batch, y: loss, smoothedLoss, learningRate } = point;
  return { batch, loss, smoothedLoss, validLoss, learningRate };
}

/** Valid loss at the last batch of its epoch. */
function validLossByBatch(run: StepRun): ReadonlyMap<number, number> {
  const lastBatchOfEpoch = new Map<number, number>();
  for (const event of run.byType.batchEnded) lastBatchOfEpoch.set(event.epoch, event.iteration);
  const result = new Map<number, number>();
  for (const { row } of run.byType.epochEnded) {
    const batch = lastBatchOfEpoch.get(row.epoch);
    if (batch === undefined || row.validLoss === null || !Number.isFinite(row.validLoss)) continue;
    result.set(batch, row.validLoss);
  }
  return result;
}

/** The whole curve as CSV, not the drawn points. */
export function lossCurvesCsv(run: StepRun): string {
  const valid = validLossByBatch(run);
  const lines = run.byType.batchEnded.map((event) =>
    [
      event.iteration,
      event.epoch,
      event.learningRate,
      event.loss,
      event.smoothedLoss,
      valid.get(event.iteration) ?? '',
    ].join(','),
  );
  return `${['batch,epoch,learning_rate,train_loss,train_loss_smoothed,valid_loss', ...lines].join('\n')}\n`;
}
