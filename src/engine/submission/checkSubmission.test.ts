import { expect, test } from 'vitest';
import { checkSubmission, type ExpectedSubmission } from './checkSubmission.ts';

const expected: ExpectedSubmission = {
  delimiter: ',',
  columns: ['id', 'cat', 'dog'],
  ids: ['a', 'b'],
  values: 'probabilitiesThatAddUpToOne',
};
const check = (text: string, changes: Partial<ExpectedSubmission> = {}) =>
  checkSubmission(text, { ...expected, ...changes });

test('a file as it was asked for has no problems', () => {
  expect(check('id,cat,dog\na,0.1,0.9\nb,0.3333,0.6666\n')).toEqual([]);
  expect(check('id,label\na,dog\nb,cat', { columns: ['id', 'label'], values: 'text' })).toEqual([]);
  expect(check('id,cat,dog\na,0.9,0.9\nb,0,0', { values: 'probabilities' })).toEqual([]);
});

test.each([
  ['an empty file', '', 'The file is empty.'],
  ['a missing id', 'id,cat,dog\na,0.1,0.9', 'Ids are missing: b.'],
  ['an id too many', 'id,cat,dog\na,0.1,0.9\nb,0,1\nc,1,0', 'Ids are not asked for: c.'],
  ['an id twice', 'id,cat,dog\na,0.1,0.9\nb,0,1\na,1,0\na,1,0', 'Ids come more than once: a.'],
  ['an unknown column', 'id,cat,dog,emu\na,0.1,0.9,0\nb,0,1,0', 'Columns are not asked for: emu.'],
  ['a missing column', 'id,dog\na,1\nb,1', 'Columns are missing: cat.'],
  ['columns in another order', 'id,dog,cat\na,0,1\nb,1,0', 'The columns are in another order than asked for.'],
  ['a short row', 'id,cat,dog\na,1\nb,1,0', 'Rows have more or fewer cells than the header: a.'],
  ['a row that is not 1', 'id,cat,dog\na,0.1,0.898\nb,0,1', 'Rows whose probabilities do not add up to 1: a.'],
  ['a cell that is not a number', 'id,cat,dog\na,NaN,1\nb,0,1', 'Rows have cells that are no numbers: a.'],
  ['an empty cell', 'id,cat,dog\na,,1\nb,0,1', 'Rows have cells that are no numbers: a.'],
  ['an infinite number', 'id,cat,dog\na,Infinity,1\nb,0,1', 'Rows have cells that are no numbers: a.'],
  ['a number out of range', 'id,cat,dog\na,1.5,-0.5\nb,0,1', 'Rows have probabilities below 0 or above 1: a.'],
])('%s is named, and nothing else', (_, text, sentence) => {
  expect(check(text)).toEqual([sentence]);
});

test('many names are shortened', () => {
  expect(check('id,cat,dog\n', { ids: ['a', 'b', 'c', 'd', 'e'] })).toEqual(['Ids are missing: a, b, c and 2 more.']);
});
