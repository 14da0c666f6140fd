import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatCsv, parseCsv } from './csvText.ts';

const cellsOf = (text: string, delimiter?: string) => parseCsv(text, delimiter).rows.map(({ cells }) => cells);
const expected = [
  ['id', 'breed'],
  ['000bec', 'boston_bull'],
  ['001cdf', 'pekinese'],
];

describe('a table is read', () => {
  test.each([
    ['commas', 'id,breed\n000bec,boston_bull\n001cdf,pekinese\n'],
    ['semicolons', 'id;breed\n000bec;boston_bull\n001cdf;pekinese\n'],
    ['tabs', 'id\tbreed\n000bec\tboston_bull\n001cdf\tpekinese'],
    ['bars', 'id|breed\n000bec|boston_bull\n001cdf|pekinese'],
    ['Windows line ends', 'id,breed\r\n000bec,boston_bull\r\n001cdf,pekinese\r\n'],
    ['old Mac line ends', 'id,breed\r000bec,boston_bull\r001cdf,pekinese'],
    ['a byte order mark', '\ufeffid,breed\n000bec,boston_bull\n001cdf,pekinese'],
    ['quotes', '"id","breed"\n"000bec","boston_bull"\n"001cdf",pekinese'],
    ['blank rows', 'id,breed\n\n000bec,boston_bull\n,\n  \n001cdf,pekinese\n\n'],
  ])('with %s', (_, text) => {
    expect(cellsOf(text)).toEqual(expected);
  });

  test('with delimiters, quotes and line ends inside quoted cells', () => {
    expect(cellsOf('id,label\nx,"a, ""b""\nc"\n')).toEqual([
      ['id', 'label'],
      ['x', 'a, "b"\nc'],
    ]);
  });

  test('with the delimiter that the person names', () => {
    expect(cellsOf('a:1,2\nb:3,4', ':')).toEqual([
      ['a', '1,2'],
      ['b', '3,4'],
    ]);
  });

  test('as far as it is asked for', () => {
    expect(parseCsv('a,b\nc,d\ne,f', '', 2).rows.length).toBe(2);
  });
});

test('rows are numbered as a spreadsheet numbers them', () => {
  expect(parseCsv('id,label\n\nx,dog\n').rows.map(({ number }) => number)).toEqual([1, 3]);
});

test('a row whose quotes do not pair is marked', () => {
  const { rows } = parseCsv('id,label\nx,dog\ny,"cat\nz,dog');
  expect(rows.map(({ isBroken }) => isBroken)).toEqual([false, false, true]);
});

test('what is written is read back, whatever the cells hold', () => {
  const cell = fc.string({ unit: fc.constantFrom('a', ' ', ',', ';', '"', '\n', '\r', '\t', '=', 'é') });
  const table = fc.array(fc.tuple(fc.constant('x'), cell, cell), { minLength: 1 });
  fc.assert(
    fc.property(table, fc.constantFrom(',', ';', '\t'), fc.constantFrom('\n', '\r\n'), (rows, delimiter, newline) => {
      expect(cellsOf(formatCsv(rows, { delimiter, newline }), delimiter)).toEqual(rows);
    }),
  );
});
