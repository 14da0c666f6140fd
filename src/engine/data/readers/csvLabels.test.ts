import { describe, expect, test } from 'vitest';
import { readCsvLabels } from './csvLabels.ts';
import { guessColumns, type LabelColumns, readCsvTable } from './csvTable.ts';

function read(text: string, options: Partial<LabelColumns> = {}) {
  const table = readCsvTable(text);
  return readCsvLabels(table, { ...guessColumns(table), ...options });
}
const labelsOf = (text: string, options?: Partial<LabelColumns>) =>
  read(text, options).rows.map(({ labels }) => labels);

describe('the lesson’s tables', () => {
  test('with one label each name a class for each picture', () => {
    const { rows, classes, isMultiLabel } = read('x,dog\ny,cat\nz,dog');
    expect(classes).toEqual(['cat', 'dog']);
    expect(rows.map(({ id, labels }) => [id, classes.indexOf(labels[0] as string)])).toEqual([
      ['x', 1],
      ['y', 0],
      ['z', 1],
    ]);
    expect(isMultiLabel).toBe(false);
  });

  test('with several labels in a row are multi-label', () => {
    const { rows, classes, isMultiLabel } = read('a,haze primary\nb,clear');
    expect(rows.map(({ labels }) => labels)).toEqual([['haze', 'primary'], ['clear']]);
    expect(classes).toEqual(['clear', 'haze', 'primary']);
    expect(isMultiLabel).toBe(true);
  });

  test('with a missing label are multi-label too: that picture shows none of the classes', () => {
    const { rows, isMultiLabel } = read('x,dog\ny,\nz');
    expect(rows.map(({ labels }) => labels)).toEqual([['dog'], [], []]);
    expect(isMultiLabel).toBe(true);
  });

  test('keep a row that comes twice', () => {
    expect(read('x,dog\ny,cat\nx,dog').rows.map(({ id, rowNumber }) => [id, rowNumber])).toEqual([
      ['x', 1],
      ['y', 2],
      ['x', 3],
    ]);
  });
});

test('classes are sorted by code unit, as Python sorts them', () => {
  expect(read('1,b\n2,B\n3,ä\n4,a\n5,10\n6,9').classes).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
});

test('labels are split where the person says, or not at all', () => {
  const text = 'a,dark blue\nb,red';
  expect(labelsOf(text)).toEqual([['dark', 'blue'], ['red']]);
  expect(read(text, { separator: null })).toMatchObject({ classes: ['dark blue', 'red'], isMultiLabel: false });
  expect(labelsOf('a,"dark blue, red"\nb,"red,"', { separator: ',' })).toEqual([['dark blue', 'red'], ['red']]);
});

test('spaces around ids and labels, and a label said twice, mean nothing', () => {
  const { rows, isMultiLabel } = read('x , dog  dog \ny,cat');
  expect(rows[0]).toEqual({ rowNumber: 1, id: 'x', labels: ['dog'] });
  expect(isMultiLabel).toBe(false);
});

test('a class may be called NA or None', () => {
  expect(read('x,NA\ny,None').classes).toEqual(['NA', 'None']);
});

test('the header is left out, and is a row where the person says so', () => {
  expect(read('id,breed\nx,dog').rows.length).toBe(1);
  expect(read('id,breed\nx,dog', { hasHeader: false }).classes).toEqual(['breed', 'dog']);
  expect(read('x,dog\ny,cat', { hasHeader: true }).classes).toEqual(['cat']);
});

test('columns can be chosen', () => {
  expect(read('7,x,dog\n8,y,cat', { idColumn: 1, labelColumn: 2 }).rows[1]).toMatchObject({ id: 'y', labels: ['cat'] });
  expect(() => read('x,dog\ny,cat', { labelColumn: 2 })).toThrow('has 2 columns, so there is no column 3');
  expect(() => read('x,dog\ny,cat', { separator: '' })).toThrow('cannot be separated by nothing');
});

test('rows that cannot be read are listed with the reason, and the others are read', () => {
  const { rows, unreadableRows } = read('id,label\nx,dog\n,cat\ny,dog,cat\nz,cat,\nw,"bird\nv,dog');
  expect(rows.map(({ id }) => id)).toEqual(['x', 'z']);
  expect(unreadableRows.map(({ rowNumber, sentence }) => [rowNumber, sentence])).toEqual([
    [3, 'Row 3 does not name a picture.'],
    [4, 'Row 4 has 3 cells where others have 2. A label with a “,” in it must stand in quotes.'],
    [6, 'In row 6 a quote does not belong to a pair, so it is not clear where its cells end.'],
  ]);
  expect(unreadableRows[1]?.cells).toEqual(['y', 'dog', 'cat']);
});

test('a table without a row that can be read is refused', () => {
  expect(() => read('id,label\n')).toThrow('There is nothing below its header.');
  expect(() => read('id,label\n,dog\n,cat')).toThrow(
    'No row of this table can be read. Row 2 does not name a picture.',
  );
});
