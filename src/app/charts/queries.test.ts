import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../protocol/events.ts';
import { appendTo, emptyLog, lastOf, latestRun, type StepRun } from '../store/eventLog.ts';
import { lessonPlan } from '../testing/plans.ts';
import { recordedStep, smallRun } from '../testing/smallRun.ts';
import { confusionCsv, predictionsOfCell, rowTotals, shownClasses, worstConfusions } from './confusion.ts';
import { orderCounts, quoteCsv, selectPictures, sizeHistogram, splitTotals } from './datasetQueries.ts';
import { queryFinderCurve, startOfHandle, zoneWordAt } from './finderCurve.ts';
import { lossCurvesCsv, queryLossCurves } from './lossCurves.ts';
import { queryGalleries, resultRows } from './results.ts';

it('class counts are ordered by name or the most pictures first, and keep their class', () => {
  const counts = [1, 5, 2, 5].map((train, index) => ({ className: 'abcd'[index] ?? '', train, valid: index, test: 0 }));
  const namesBy = (order: 'name' | 'count') => orderCounts(counts, order).map(({ row }) => row.className);
  expect(namesBy('name')).toEqual(['a', 'b', 'c', 'd']);
  expect(namesBy('count')).toEqual(['d', 'b', 'c', 'a']);
  expect(orderCounts(counts, 'count').map(({ classIndex }) => classIndex)).toEqual([3, 1, 2, 0]);
});

describe('the loss curves of the recorded run', () => {
  const run = recordedStep('trainHead');
  const curves = queryLossCurves(run);

  it('show every batch of a short run and end with the last smoothed loss', () => {
    const batches = run.byType.batchEnded;
    expect(curves.rows.map((row) => row.batch)).toEqual(batches.map((event) => event.iteration));
    expect(curves.latestTrainLoss).toBe(lastOf(batches)?.smoothedLoss);
  });

  it('put each valid loss at the last batch of its epoch', () => {
    const valid = curves.rows.filter((row) => row.validLoss !== null);
    const lastBatches = run.byType.epochEnded.map(
      ({ row }) => run.byType.batchEnded.findLast((event) => event.epoch === row.epoch)?.iteration,
    );
    expect(valid.map((row) => row.validLoss)).toEqual(run.byType.epochEnded.map(({ row }) => row.validLoss));
    expect(valid.map((row) => row.batch)).toEqual(lastBatches);
  });

  it('reach to the last batch of the plan while the run goes on, and to its own last one after a stop', () => {
    const log = emptyLog();
    const stepId = 'a';
    const events: EngineEvent[] = [
      { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 },
      { type: 'schedulePlanned', stepId, plan: lessonPlan, atMs: 1 },
      ...run.byType.batchEnded.slice(0, 9).map((event) => ({ ...event, stepId })),
    ];
    for (const event of events) appendTo(log, event);
    const own = latestRun(log, stepId) as StepRun;
    expect(queryLossCurves(own).lastBatch).toBe(27);
    const end = lastOf(run.byType.stepEnded);
    if (end) appendTo(log, { ...end, stepId });
    expect(queryLossCurves(own)).toMatchObject({ lastBatch: 8, plan: lessonPlan });
  });

  it('save every batch as CSV, not only the drawn ones', () => {
    expect(lossCurvesCsv(run).trim().split('\n')).toHaveLength(run.byType.batchEnded.length + 1);
  });

  it('stay drawable after ten thousand batches', () => {
    const log = emptyLog();
    const started: EngineEvent = { type: 'stepStarted', stepId: 'a', settings: {}, seed: 1, atMs: 0 };
    appendTo(log, started);
    for (let iteration = 0; iteration < 10_000; iteration++) {
      const loss = 1 / (iteration + 1);
      const rates = { learningRate: 0.01, momentum: 0.9 };
      appendTo(log, {
        type: 'batchEnded',
        stepId: 'a',
        iteration,
        epoch: 0,
        ...rates,
        loss,
        smoothedLoss: loss,
        atMs: 1,
      });
    }
    const long = latestRun(log, 'a');
    expect(long && queryLossCurves(long).rows.length).toBeLessThanOrEqual(300);
  });
});

describe('the learning-rate curve of the recorded run', () => {
  const run = recordedStep('findLearningRate');
  const { rows, marks, zones, rates } = queryFinderCurve(run);

  it('goes from small to large rates', () => {
    expect(rows.length).toBeGreaterThan(20);
    for (let index = 1; index < rows.length; index++) {
      expect(rows[index]?.learningRate).toBeGreaterThan(rows[index - 1]?.learningRate ?? 0);
    }
  });

  it('marks every suggestion on the curve, at a loss that the curve has', () => {
    expect(marks.map((mark) => mark.rule)).toEqual(lastOf(run.byType.lrSuggested)?.suggestions.map((one) => one.rule));
    for (const mark of marks) expect(run.byType.lrPoint.map((point) => point.loss)).toContain(mark.markedLoss);
  });

  it('is read in zones that cover it from end to end', () => {
    expect(zones.map(({ kind }) => kind)).toEqual(['tooSmall', 'good', 'nearEdge', 'diverging']);
    expect([zones[0]?.fromRate, zones.at(-1)?.toRate]).toEqual([rows[0]?.learningRate, rows.at(-1)?.learningRate]);
    expect([1e-5, 1e-2, 0.5, 2.5].map((rate) => zoneWordAt(zones, rate))).toEqual([
      'too small',
      'good',
      'near edge',
      'blows up',
    ]);
  });

  it('has a rate for every batch, counted from 1', () => {
    expect(rates).toEqual(run.byType.lrPoint.map(({ iteration, learningRate: y }) => ({ x: iteration + 1, y })));
  });

  it('has its handle at the recommended rate, and in the middle where nothing is recommended', () => {
    expect(startOfHandle(run)).toBe(marks.find(({ isRecommended }) => isRecommended)?.learningRate);
    const points = run.byType.lrPoint;
    const bare = { ...run, byType: { ...run.byType, lrSuggested: [] } };
    expect(startOfHandle(bare)).toBe(points[Math.floor(points.length / 2)]?.learningRate);
    expect(startOfHandle({ ...bare, byType: { ...bare.byType, lrPoint: [] } })).toBeNull();
  });
});

describe('the confusion matrix of the recorded run', () => {
  const confusion = lastOf(recordedStep('trainHead').byType.confusion);
  if (!confusion) throw new Error('The recorded run has no confusion matrix.');
  const { matrix, predictions } = confusion;

  it('has rows that add up to the validation pictures of each class', () => {
    const validOfClass = smallRun.dataset.counts.map((row) => row.valid);
    expect(rowTotals(matrix)).toEqual(validOfClass);
  });

  it('has behind every cell exactly as many pictures as its number says, the surest first', () => {
    for (const [row, counts] of matrix.counts.entries()) {
      for (const [column, count] of counts.entries()) {
        const pictures = predictionsOfCell(predictions, row, column);
        expect(pictures).toHaveLength(count);
        const probabilities = pictures.map((one) => one.probability);
        expect(probabilities).toEqual([...probabilities].sort((a, b) => b - a));
      }
    }
  });

  it('lists the worst confusions without the diagonal', () => {
    const worst = worstConfusions(matrix);
    const wrongCount = worst.reduce((sum, one) => sum + one.count, 0);
    expect(wrongCount).toBe(confusion.accuracy.count - confusion.accuracy.correctCount);
    expect(worst.every((one) => one.trueClassIndex !== one.predictedClassIndex)).toBe(true);
  });

  it('shows of many classes those with the most mistakes, in their own order', () => {
    const classes = Array.from({ length: 40 }, (_, index) => `class ${index}`);
    const counts: number[][] = classes.map((_, row) => classes.map((_, column) => (row === column ? 9 : 0)));
    const mistaken = counts[30];
    if (mistaken) mistaken[5] = 4;
    expect(shownClasses({ classes, counts }, 2)).toEqual([5, 30]);
  });

  it('is saved as CSV with a row for each class', () => {
    expect(confusionCsv(matrix).trim().split('\n')).toHaveLength(matrix.classes.length + 1);
  });
});

describe('the galleries of the recorded run', () => {
  const confusion = lastOf(recordedStep('trainHead').byType.confusion);
  if (!confusion) throw new Error('The recorded run has no confusion matrix.');
  const isRight = (one: { trueClassIndex: number; predictedClassIndex: number }) =>
    one.trueClassIndex === one.predictedClassIndex;

  it('show the dearest pictures first, with what they cost', () => {
    const [topLosses] = queryGalleries(confusion, null);
    const losses = topLosses?.pictures.map(({ loss }) => loss ?? Number.NaN) ?? [];
    expect(losses.length).toBeGreaterThan(0);
    expect(losses).toEqual([...losses].sort((a, b) => b - a));
  });

  it('hold of a class its own pictures only, wrong ones with the wrong and right ones with the right', () => {
    for (const classIndex of confusion.matrix.classes.keys()) {
      const [incorrect, uncertain, correct] = queryGalleries(confusion, classIndex);
      expect(incorrect?.pictures.some(isRight)).toBe(false);
      expect(correct?.pictures.every(isRight)).toBe(true);
      const all = [incorrect, uncertain, correct].flatMap((gallery) => gallery?.pictures ?? []);
      expect(all.every(({ trueClassIndex }) => trueClassIndex === classIndex)).toBe(true);
    }
  });

  it('draw correct and incorrect ones of all classes', () => {
    const [, , incorrect, correct] = queryGalleries(confusion, null);
    expect(incorrect?.pictures.some(isRight)).toBe(false);
    expect(correct?.pictures.every(isRight)).toBe(true);
  });
});

describe('the rows of results', () => {
  it('are those of each step’s newest run', () => {
    const log = emptyLog();
    const accuracy = { accuracy: 0.5, low: 0.4, high: 0.6, correctCount: 1, count: 2 };
    const score = { kind: 'accuracy', accuracy, macroF1: 0.5 } as const;
    const tell = (stepId: string, ...labels: string[]) => {
      appendTo(log, { type: 'stepStarted', stepId, settings: {}, seed: 1, atMs: 0 });
      for (const label of labels) appendTo(log, { type: 'resultRow', stepId, label, score, logLoss: 1, atMs: 0 });
    };
    tell('train', 'Plain');
    tell('tta', 'Plain', 'Looks');
    tell('train', 'Plain', 'Average');
    expect(resultRows(log).map(({ stepId, label }) => `${stepId} ${label}`)).toEqual([
      'tta Plain',
      'tta Looks',
      'train Plain',
      'train Average',
    ]);
  });
});

describe('questions about a data set', () => {
  const { dataset } = smallRun;

  it('the totals of the splits are the pictures', () => {
    const totals = splitTotals(dataset.pictures);
    expect(totals.train + totals.valid + totals.test).toBe(dataset.pictures.length);
  });

  it('the histogram of sizes holds every picture once for its width and once for its height', () => {
    const bins = sizeHistogram(dataset.pictures);
    const sum = (side: 'widths' | 'heights') => bins.reduce((total, bin) => total + bin[side], 0);
    expect(sum('widths')).toBe(dataset.pictures.length);
    expect(sum('heights')).toBe(dataset.pictures.length);
  });

  it('a bar’s pictures are those of its class', () => {
    const pictures = selectPictures(dataset, 0, 'valid');
    expect(pictures).toHaveLength(dataset.counts[0]?.valid ?? -1);
    expect(pictures.every((picture) => picture.classIndices?.[0] === 0 && picture.split === 'valid')).toBe(true);
  });

  it('a class name cannot become a formula or break a line of CSV', () => {
    expect(quoteCsv('=1+1')).toBe("'=1+1");
    expect(quoteCsv('\r=1')).toBe('"\'\r=1"');
    expect(quoteCsv('＝1')).toBe("'＝1");
    expect(quoteCsv('a, "b"')).toBe('"a, ""b"""');
  });
});
