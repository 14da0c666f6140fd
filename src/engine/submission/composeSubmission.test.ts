import { expect, test } from 'vitest';
import type { SubmissionForm } from '../../protocol/submission.ts';
import { composeAfterSample, composeInShape, type SubmissionSource } from './composeSubmission.ts';

const pets: SubmissionSource = {
  classes: ['cat', 'dog'],
  paths: ['test/1.jpg', 'test/2.jpg'],
  lostPaths: [],
  probabilities: Float32Array.from([0.25, 0.75, 1, 0]), // [2, 2]
  labelKind: 'oneClass',
};
type ShapeForm = Extract<SubmissionForm, { kind: 'shape' }>;
const columns: ShapeForm = { kind: 'shape', shape: 'probabilities', idForm: 'name', isVerbatim: false };
const compose = (source: Partial<SubmissionSource>, form: Partial<ShapeForm> = {}) =>
  composeInShape({ ...columns, ...form }, { ...pets, ...source }, null);

test('a file of our own is checked and has nothing to say', () => {
  expect(compose({})).toEqual({ text: 'id,cat,dog\n1,0.25,0.75\n2,1,0\n', notes: [], problems: [] });
  expect(compose({}, { shape: 'label', idForm: 'path' }).text).toBe('id,label\ntest/1.jpg,dog\ntest/2.jpg,cat\n');
});

test('two pictures of one name are told, and go away with their folders', () => {
  const paths = ['test/a/1.jpg', 'test/b/1.jpg'];
  expect(compose({ paths })).toMatchObject({
    problems: ['Ids come more than once: 1.'],
    notes: [expect.stringContaining('call them by their whole path')],
  });
  expect(compose({ paths }, { idForm: 'path' }).problems).toEqual([]);
});

test('pictures without a prediction are missed', () => {
  expect(compose({ lostPaths: ['test/3.jpg'] })).toMatchObject({
    problems: ['Ids are missing: 3.'],
    notes: [expect.stringContaining('drop the folder again')],
  });
});

test('numbers that are none are told', () => {
  const probabilities = Float32Array.from([Number.NaN, Number.NaN, 1, 0]);
  expect(compose({ probabilities }).problems).toEqual(['Rows have cells that are no numbers: 1.']);
  expect(compose({ probabilities: Float32Array.from([1, 1, 1, 0]) }).problems).toHaveLength(1);
  expect(compose({ probabilities: Float32Array.from([1, 1, 1, 0]), labelKind: 'tags' }).problems).toEqual([]);
});

test('names that look like formulas get a quote, which is said, or stay exact', () => {
  const hostile = { classes: ['=cat', 'dog'], paths: ['test/+a.jpg', 'test/2.jpg'] };
  const safe = compose(hostile);
  expect(safe.text.split('\n').slice(0, 2)).toEqual(["id,'=cat,dog", "'+a,0.25,0.75"]);
  expect(safe.problems).toEqual([]);
  expect(safe.notes[0]).toContain('2 names begin like a formula');
  const exact = compose(hostile, { isVerbatim: true });
  expect(exact.text.split('\n').slice(0, 2)).toEqual(['id,=cat,dog', '+a,0.25,0.75']);
  expect([exact.notes, exact.problems]).toEqual([[], []]);
});

test('a sample is followed and what it was taken for is said', () => {
  const { text, notes, problems } = composeAfterSample('id,dog\n2,0\n1,0\n', pets, null);
  expect(text).toBe('id,dog\n2,0\n1,0.75\n');
  expect(notes[0]).toContain('The probability of “dog”');
  expect(problems).toEqual([]);
});
