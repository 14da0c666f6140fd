import { expect, test } from 'vitest';
import { countConfusions, readPredictions } from '../interpretation/confusionMatrix.ts';
import { wilsonInterval } from './accuracy.ts';
import { meanCrossEntropy, softmaxRows } from './crossEntropy.ts';

test('the interval of an accuracy is Wilson’s, inside 0 to 1 at the ends too', () => {
  // Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662.
  const { accuracy, low, high } = wilsonInterval(81, 263);
  expect([accuracy, low, high].map((value) => Number(value.toFixed(4)))).toEqual([0.308, 0.2553, 0.3662]);
  expect(wilsonInterval(0, 20).low).toBe(0);
  expect(wilsonInterval(20, 20).high).toBeCloseTo(1, 12);
  expect(wilsonInterval(20, 20).low).toBeLessThan(0.9);
  expect(() => wilsonInterval(0, 0)).toThrow('at least one');
});

test('cross-entropy is the lesson’s log loss and survives large logits', () => {
  const logits = Float32Array.from([0.9, 0.1, 0.2, 0.8].map(Math.log));
  expect(meanCrossEntropy(logits, Int32Array.from([0, 1]), 2)).toBeCloseTo(0.164252, 6);
  expect(meanCrossEntropy(Float32Array.from([1000, -1000]), Int32Array.from([1]), 2)).toBeCloseTo(2000, 3);
  expect([...softmaxRows(Float32Array.from([1000, 1000, -1000]), 3)]).toEqual([0.5, 0.5, 0]);
});

test('the confusion matrix has a row for each true class', () => {
  const probabilities = Float32Array.from([0.9, 0.1, 0.4, 0.6, 0.2, 0.8]);
  const predictions = readPredictions(probabilities, Int32Array.from([0, 0, 1]), [7, 8, 9]);
  expect(predictions[1]).toMatchObject({ pictureId: 8, trueClassIndex: 0, predictedClassIndex: 1 });
  expect(predictions[1]?.trueProbability).toBeCloseTo(0.4, 6);
  expect(countConfusions(['ant', 'bee'], predictions).counts).toEqual([
    [1, 1],
    [0, 1],
  ]);
});
