// 700 tables that were written badly or to harm: what a row says is said of the picture that it names and of no other, and every
// row that cannot be read is listed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { formatCsv } from '../csvText.ts';
import { readCsvLabels } from './csvLabels.ts';
import { guessColumns, readCsvTable } from './csvTable.ts';
import { describeLabels, findLabelledFolder, readLabelledFolder } from './labelledFolder.ts';

const columns = { idColumn: 0, labelColumn: 1, hasHeader: true, separator: null };

const hostileCell = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    '=cmd|x',
    '"',
    '""',
    ',',
    ';',
    '\t',
    '\n',
    '\r\n',
    "'",
    'NA',
    ' ',
    'a b',
    '../x',
    '\u202e',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);

describe('a table', () => {
  test('of any text ends in rows or in a sentence', () => {
    fc.assert(
      fc.property(fc.array(hostileCell, { maxLength: 40 }), (pieces) => {
        try {
          const table = readCsvTable(pieces.join(''));
          const { rows, unreadableRows } = readCsvLabels(table, { ...guessColumns(table), separator: ' ' });
          expect(rows.length + unreadableRows.length).toBeLessThanOrEqual(table.rows.length);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 400 },
    );
  });

  test('of any names and labels, well written, gives each picture its own label back', () => {
    const name = fc
      .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
      .filter((id) => id.trim() !== '' && !/\ufffd|\0/.test(id));
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.tuple(name, name), { minLength: 1, maxLength: 12, selector: ([id]) => id.trim() }),
        fc.constantFrom(',', ';', '\t', '|'),
        fc.constantFrom('\n', '\r\n'),
        (pairs, delimiter, newline) => {
          const text = formatCsv([['id', 'label'], ...pairs], { delimiter, newline });
          const { rows, unreadableRows } = readCsvLabels(readCsvTable(text, delimiter), columns);
          expect(unreadableRows).toEqual([]);
          expect(rows.map(({ id, labels }) => [id, ...labels])).toEqual(
            pairs.map(([id, label]) => [id.trim(), label.trim()]),
          );
        },
      ),
      { numRuns: 200 },
    );
  });

  test('with letters that are not UTF-8 lists those rows: two classes would have become one', () => {
    const bytes = Uint8Array.from([
      ...new TextEncoder().encode('id,label\n1,B'),
      0xe4,
      0x72,
      ...new TextEncoder().encode('\n2,B'),
      0xf6,
      0x72,
      0x0a,
      ...new TextEncoder().encode('3,Hund\n'),
    ]);
    const { rows, unreadableRows } = readCsvLabels(readCsvTable(new TextDecoder().decode(bytes)), columns);
    expect(rows.map(({ id }) => id)).toEqual(['3']);
    expect(unreadableRows[0]?.sentence).toBe(
      'Row 2 has letters that are not UTF-8. Save the table as CSV (UTF-8) and drop it again.',
    );
  });

  test('with a cell as long as a book lists that row', () => {
    const { rows, unreadableRows } = readCsvLabels(readCsvTable(`id,label\n1,${'x'.repeat(1e6)}\n2,cat\n`), columns);
    expect(rows).toHaveLength(1);
    expect(unreadableRows[0]?.sentence).toContain('Row 2 has a cell of more than 4096 characters');
  });

  test('in one line of a million cells is refused from that line alone', () => {
    expect(() => readCsvTable('1,'.repeat(1e6))).toThrow('This table has 1000001 columns');
  });
});

describe('a folder with a table', () => {
  const files = (table: Blob) => [
    { path: 'labels.csv', file: table },
    ...['a', 'b', 'c', 'd'].map((name) => ({ path: `train/${name}.jpg`, file: new Blob(['x']) })),
  ];

  test('gives no picture a label that no row of it says', async () => {
    const row = fc.tuple(fc.constantFrom('a', 'b', 'A.jpg', 'train/c', 'x', '../d', '__proto__'), hostileCell);
    await fc.assert(
      fc.asyncProperty(fc.array(row, { minLength: 1, maxLength: 8 }), async (rows) => {
        const text = formatCsv([['id', 'label'], ...rows], { delimiter: ',', newline: '\n' });
        const folder = findLabelledFolder(files(new Blob([text])));
        if (!folder) throw new Error('There is a table and there are pictures.');
        const said = new Set(rows.flatMap(([, label]) => label.split(' ').map((word) => word.trim())));
        const { problem } = await describeLabels(folder, {});
        try {
          const { entries } = await readLabelledFolder(folder, {});
          for (const { classNames } of entries) {
            for (const name of classNames ?? [])
              expect([...said, ...rows.map(([, label]) => label.trim())]).toContain(name);
          }
          expect(problem).toBeNull();
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EngineError);
          expect(problem).toBe((thrown as EngineError).message);
        }
      }),
      { numRuns: 100 },
    );
  });

  test('of 1 GB is refused unread', async () => {
    const table = { size: 1e9, arrayBuffer: () => Promise.reject(new Error('read')) } as unknown as Blob;
    const folder = findLabelledFolder(files(table));
    if (!folder) throw new Error('There is a table and there are pictures.');
    await expect(readLabelledFolder(folder, {})).rejects.toThrow('larger than 200 MB');
  });

  test('with hundreds of thousands of rows in a second table, or of tags on one picture, is read in time', async () => {
    const startedMs = performance.now();
    const many = Array.from({ length: 300_000 }, (_, row) => `x${row},cat`).join('\n');
    const tags = Array.from({ length: 20_000 }, (_, row) => `a,tag${row} all`).join('\n');
    const folder = findLabelledFolder([
      ...files(new Blob([`id,label\n${tags}\nb,cat\n`])),
      { path: 'labels2.csv', file: new Blob([`id,label\n${many}\n`]) },
    ]);
    if (!folder) throw new Error('There is a table and there are pictures.');
    const { entries } = await readLabelledFolder(folder, { tablePath: 'labels.csv' });
    expect(entries.find(({ path }) => path === 'train/a.jpg')?.classNames).toHaveLength(20_001);
    expect(performance.now() - startedMs).toBeLessThan(20_000);
  });
});
