import { expect, test } from 'vitest';
import { guessColumns, readCsvTable } from './csvTable.ts';
import { type MatchOptions, matchLabels } from './matchLabels.ts';
import { indexPaths } from './pathIndex.ts';

function match(text: string, paths: readonly string[], options: Partial<MatchOptions> = {}) {
  const table = readCsvTable(text);
  return matchLabels(table, indexPaths(paths), { ...guessColumns(table), suffix: '', ...options });
}

test('the lesson’s table and its suffix name the pictures of a folder', () => {
  const { labels, matched, unmatched, picturesWithoutRow } = match(
    'x,dog\ny,cat\nz,dog',
    ['train/x.jpg', 'train/y.jpg', 'train/z.jpg'],
    { suffix: '.jpg' },
  );
  expect(labels.classes).toEqual(['cat', 'dog']);
  expect(matched.map(({ path, row }) => [path, row.labels])).toEqual([
    ['train/x.jpg', ['dog']],
    ['train/y.jpg', ['cat']],
    ['train/z.jpg', ['dog']],
  ]);
  expect([unmatched, picturesWithoutRow]).toEqual([[], []]);
});

test('rows without a picture, pictures without a row and names in two folders are told apart', () => {
  const result = match('id,label\nx1234,dog\ny1235,cat\nboth,dog\nx1234,dog', [
    'x1234.jpg',
    'y1255.jpg',
    'a/both.jpg',
    'b/both.jpg',
    'zzzzz.jpg',
  ]);
  expect(result.matched.map(({ row }) => row.rowNumber)).toEqual([2, 5]);
  expect(result.unmatched).toEqual([
    { row: { rowNumber: 3, id: 'y1235', labels: ['cat'] }, nearestPaths: ['y1255.jpg'] },
  ]);
  expect(result.ambiguous.map(({ row, paths }) => [row.id, paths])).toEqual([['both', ['a/both.jpg', 'b/both.jpg']]]);
  expect(result.picturesWithoutRow).toEqual(['y1255.jpg', 'a/both.jpg', 'b/both.jpg', 'zzzzz.jpg']);
});

test('a class counts even where its only picture is missing, as in the lesson', () => {
  expect(match('x,dog\ny,cat', ['x.jpg']).labels.classes).toEqual(['cat', 'dog']);
});

test('only the first of many unmatched rows are compared with the pictures', () => {
  const rows = Array.from({ length: 25 }, (_, row) => `picture_${row},dog`).join('\n');
  const { unmatched } = match(rows, ['pictures_7.jpg']);
  expect(unmatched.length).toBe(25);
  expect(unmatched.filter(({ nearestPaths }) => nearestPaths.length > 0).length).toBe(20);
});

test.each([
  ['all with a picture', (i: number) => `id${i}`, (i: number) => `train/id${i}.jpg`],
  ['none with a picture', (i: number) => `row${i}`, (i: number) => `train/picture${i}.jpg`],
  ['all called the same', () => 'scan', (i: number) => `patient${i}/scan.jpg`],
  ['all called the same, folders named', (i: number) => `patient${i}/scan`, (i: number) => `patient${i}/scan.jpg`],
])('50,000 rows are matched while a person waits: %s', (_, idOf, pathOf) => {
  const count = 50_000;
  const text = Array.from({ length: count }, (_, i) => `${idOf(i)},class${i % 100}`).join('\n');
  const paths = Array.from({ length: count }, (_, i) => pathOf(i));
  const startMs = performance.now();
  const { matched, unmatched, ambiguous } = match(text, paths);
  // About half a second here; work that grows with the square of the rows takes minutes.
  expect(performance.now() - startMs).toBeLessThan(10_000);
  expect(matched.length + unmatched.length + ambiguous.length).toBe(count);
});
