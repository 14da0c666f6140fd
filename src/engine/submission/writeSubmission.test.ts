import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseCsv } from '../data/csvText.ts';
import type { SubmissionPredictions } from './predictionCells.ts';
import { writeSubmission } from './writeSubmission.ts';

const predictions: SubmissionPredictions = {
  classes: ['cat', 'dog'],
  paths: ['test/b.jpg', 'test/a.v2.png'],
  probabilities: Float32Array.from([0.1, 0.9, 0.75, 0.25]), // [2, 2]
};

describe('predictions are written', () => {
  test('with a column for each class, ids without folder and suffix, in the pictures’ order', () => {
    expect(writeSubmission(predictions, { shape: 'probabilities' })).toBe(
      'id,cat,dog\nb,0.100000001,0.899999976\na.v2,0.75,0.25\n',
    );
  });

  test('with the most probable class', () => {
    expect(writeSubmission(predictions, { shape: 'label', idForm: 'nameWithSuffix' })).toBe(
      'id,label\nb.jpg,dog\na.v2.png,cat\n',
    );
  });

  test('with all tags above their thresholds', () => {
    const planet: SubmissionPredictions = {
      classes: ['clear', 'haze', 'primary'],
      paths: ['1.tif', '2.tif', '3.tif'],
      probabilities: Float32Array.from([0.1, 0.21, 0.9, 0.5, 0.25, 0.4, 0, 0, 0]), // [3, 3]
    };
    const text = writeSubmission(planet, { shape: 'tags', thresholds: [0.2, 0.2, 0.5], idForm: 'path' });
    expect(text).toBe('id,tags\n1.tif,haze primary\n2.tif,clear haze\n3.tif,\n');
    // The lesson's p > .2: a probability at its threshold is not above it.
    const atThreshold = writeSubmission(planet, { shape: 'tags', thresholds: [0.5, 0.25, 0.5] });
    expect(atThreshold).toBe('id,tags\n1,primary\n2,\n3,\n');
  });
});

test('tags need a threshold each and names without spaces', () => {
  expect(() => writeSubmission(predictions, { shape: 'tags' })).toThrow('a threshold for each class');
  const spaced = { ...predictions, classes: ['cat', 'big dog'] };
  expect(() => writeSubmission(spaced, { shape: 'tags', thresholds: [0.5, 0.5] })).toThrow('“big dog” has one');
});

test('names that look like formulas are made safe, unless a machine is to compare them', () => {
  const hostile = { ...predictions, classes: ['=1+1', 'a,b'], paths: ['-2+3.jpg', '-7.jpg'] };
  const shape = 'probabilities';
  expect(writeSubmission(hostile, { shape }).split('\n').slice(0, 3)).toEqual([
    `id,'=1+1,"a,b"`,
    `'-2+3,0.100000001,0.899999976`,
    '-7,0.75,0.25',
  ]);
  expect(writeSubmission(hostile, { shape, isVerbatim: true }).split('\n')[1]).toMatch(/^-2\+3,/);
  expect(writeSubmission(hostile, { shape: 'label' })).toContain(`-7,'=1+1\n`);
});

test('whatever classes and pictures are called, no cell begins a formula', () => {
  const name = fc.tuple(
    fc.constantFrom('', '=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'),
    fc.string({ unit: 'binary', maxLength: 8 }),
  );
  const names = fc.uniqueArray(
    name.map((parts) => parts.join('')),
    { minLength: 2, maxLength: 2 },
  );
  fc.assert(
    fc.property(names, names, (classes, paths) => {
      for (const shape of ['probabilities', 'label'] as const) {
        const text = writeSubmission({ ...predictions, classes, paths }, { shape, idForm: 'path' });
        for (const cell of parseCsv(text, ',').rows.flatMap(({ cells }) => cells)) {
          if (/^[=+\-@\t\r\n＝＋－＠]/.test(cell)) expect(Number(cell)).not.toBeNaN();
        }
      }
    }),
    { numRuns: 300 },
  );
});

test('every probability is read back as the number that it was', () => {
  fc.assert(
    fc.property(fc.float32Array({ minLength: 2, maxLength: 2, min: 0, max: 1, noNaN: true }), (probabilities) => {
      const text = writeSubmission({ ...predictions, paths: ['x'], probabilities }, { shape: 'probabilities' });
      const [, row] = parseCsv(text, ',').rows;
      expect(row?.cells.slice(1).map((cell) => Math.fround(Number(cell)))).toEqual([...probabilities]);
    }),
  );
});
