import { describe, expect, test } from 'vitest';
import { guessColumns, readCsvTable } from './csvTable.ts';

const guess = (text: string) => guessColumns(readCsvTable(text));

describe('a header is seen', () => {
  test.each([
    ['by the name of its first column', 'id,breed\n000bec,boston_bull\n001cdf,pekinese', true],
    ['by the name of its label column', 'bild,label\nx,dog\ny,cat', true],
    ['because file names have a suffix and it has none', 'bild,rasse\nx.jpg,dog\ny.jpg,cat', true],
    ['because numbers have digits and it has none', 'bild,rasse\n17,dog\n18,cat', true],
    ['and is not where the first row looks like the others', 'x,dog\ny,cat\nz,dog', false],
    ['and is not where names and labels are numbers', '1,0\n2,1\n3,0', false],
    ['and is not in a table of a single row', '1.jpg,dog', false],
  ])('%s', (_, text, hasHeader) => {
    expect(guess(text).hasHeader).toBe(hasHeader);
  });
});

test('the columns are the lesson’s, the id first and the label after it, where no name says otherwise', () => {
  expect(guess('x,dog,1\ny,cat,2')).toEqual({ idColumn: 0, labelColumn: 1, hasHeader: false, separator: ' ' });
  expect(guess(',file_name,width,class\n0,a.jpg,5,dog')).toMatchObject({ idColumn: 1, labelColumn: 3 });
  expect(guess('label,which\ndog,x\ncat,y')).toMatchObject({ idColumn: 1, labelColumn: 0 });
  expect(guess('rasse,filename\ndog,x\ncat,y')).toMatchObject({ idColumn: 1, labelColumn: 0 });
});

test('a title above the table does not hide its columns', () => {
  expect(readCsvTable('My labels\nx,dog\ny,cat').columnCount).toBe(2);
});

test('what is no table of labels is refused with a sentence that says what one is', () => {
  expect(() => readCsvTable('')).toThrow('This table is empty. Drop one with a row for each picture.');
  expect(() => readCsvTable(' \n,,\n')).toThrow('This table is empty.');
  expect(() => readCsvTable('x\ny\nz\n')).toThrow('only one column, and labels take two');
  expect(() => readCsvTable('P\0K\0')).toThrow('not a text file');
  const pixels = Array.from({ length: 3073 }, (_, column) => `pixel${column}`).join(',');
  expect(() => readCsvTable(`${pixels}\n1,2`)).toThrow('3073 columns, so it seems to hold pixels');
});

test('a column for each of a thousand classes is still read', () => {
  const cells = Array.from({ length: 1001 }, (_, column) => `class${column}`).join(',');
  expect(readCsvTable(cells).columnCount).toBe(1001);
});
