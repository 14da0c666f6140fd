import { describe, expect, test } from 'vitest';
import type { LabelOptions } from '../../../protocol/labels.ts';
import { describeLabels, findLabelledFolder, type LabelledFolder, readLabelledFolder } from './labelledFolder.ts';

const picture = new Blob(['x']);
const filesOf = (table: string, paths: readonly string[], tablePath = 'labels.csv') => [
  { path: tablePath, file: new Blob([table]) },
  ...paths.map((path) => ({ path, file: picture })),
];
const find = (table: string, ...paths: string[]) => findLabelledFolder(filesOf(table, paths)) as LabelledFolder;
const read = (table: string, ...paths: string[]) => readLabelledFolder(find(table, ...paths), {});
const asideOf = ({ setAside }: Awaited<ReturnType<typeof read>>) =>
  setAside.map(({ path, reason, sentence }) => [path, reason, sentence]);

const pets = 'id,breed\nx,dog\ny,cat\nz,dog\n';

describe('a folder is labelled by a table', () => {
  test.each([
    ['pictures beside it', ['x.jpg', 'y.jpg']],
    ['pictures in one folder', ['images/x.jpg', 'images/y.jpg']],
    ['a train folder without classes', ['train/x.jpg', 'train/y.jpg', 'test/7.jpg']],
    ['a folder of pictures and a test folder', ['images/x.jpg', 'test/7.jpg']],
  ])('with %s', (_, paths) => {
    expect(findLabelledFolder(filesOf(pets, paths))).not.toBeNull();
  });

  test.each([
    ['class folders', ['cats/1.jpg', 'dogs/1.jpg']],
    ['class folders in train', ['train/cats/1.jpg', 'train/dogs/1.jpg', 'valid/cats/2.jpg']],
    ['no picture', ['notes.txt']],
  ])('unless there is %s', (_, paths) => {
    expect(findLabelledFolder(filesOf(pets, paths))).toBeNull();
  });

  test('or by none, when there is no table', () => {
    expect(findLabelledFolder([{ path: 'x.jpg', file: picture }])).toBeNull();
  });
});

describe('reading', () => {
  test('gives each picture the label of its row, in the order of the table, and test pictures none', async () => {
    const reading = await read(pets, 'test/7.jpg', 'train/z.jpg', 'train/y.jpg', 'train/x.jpg');
    expect(reading.layout).toBe('csv');
    expect(reading.classes).toEqual(['cat', 'dog']);
    expect(reading.entries.map(({ path, split, classNames }) => [path, split, classNames?.join(' ') ?? null])).toEqual([
      ['train/x.jpg', null, 'dog'],
      ['train/y.jpg', null, 'cat'],
      ['train/z.jpg', null, 'dog'],
      ['test/7.jpg', 'test', null],
    ]);
    expect(reading.setAside).toEqual([]);
  });

  test('needs no header, suffix or comma, and a byte order mark and quotes do no harm', async () => {
    const tags = await read('\uFEFF"01.png";"golden; retriever"\r\n"02.png";pug\r\n', '01.jpg', '02.jpg');
    expect(tags.labelKind).toBe('tags');
    expect(tags.entries.map(({ classNames }) => classNames)).toEqual([['golden;', 'retriever'], ['pug']]);
    const plain = await read('\uFEFF"01.png";"golden_retriever"\r\n"02.png";pug\r\n', '01.jpg', '02.jpg');
    expect(plain.entries.map(({ classNames }) => classNames?.[0])).toEqual(['golden_retriever', 'pug']);
  });

  test('finds a satellite competition’s folders beside its table', async () => {
    const paths = ['train-jpg/train_0.jpg', 'train-jpg/train_1.jpg', 'test-jpg/test_0.jpg'];
    const files = filesOf('image_name,tags\ntrain_0,haze primary\ntrain_1,clear\n', paths, 'train_v2.csv');
    const reading = await readLabelledFolder(findLabelledFolder(files) as LabelledFolder, {});
    expect(reading.labelKind).toBe('tags');
    expect(reading.entries.map(({ path, split, classNames }) => [path, split, classNames])).toEqual([
      ['train-jpg/train_0.jpg', null, ['haze', 'primary']],
      ['train-jpg/train_1.jpg', null, ['clear']],
      ['test-jpg/test_0.jpg', 'test', null],
    ]);
  });

  test('keeps the split of train and valid folders', async () => {
    const { entries } = await read(pets, 'train/x.jpg', 'train/y.jpg', 'valid/z.jpg');
    expect(entries.map(({ split }) => split)).toEqual(['train', 'train', 'valid']);
  });

  test('lists every row and picture that is left out, with the reason', async () => {
    const table = 'id,label\na01,cat\na02,dog\na03,\na04,cat\na04,dog\na05,dog\ntwin,dog\n,dog\na06,cat\na06,cat\n';
    const reading = await read(
      table,
      'a01.jpg',
      'a02.jpg',
      'a03.jpg',
      'a04.jpg',
      'b05.jpg',
      'all/p/twin.jpg',
      'all/q/twin.jpg',
      'a06.png',
      'notes.txt',
    );
    expect(reading.entries.map(({ path }) => path)).toEqual(['a01.jpg', 'a02.jpg', 'a06.png']);
    expect(asideOf(reading)).toEqual([
      ['a03.jpg', 'rowUnclear', 'Row 4 of the table gives it no label.'],
      ['a04.jpg', 'rowUnclear', 'Row 5 of the table says “cat” and row 6 “dog”, so its class is not clear.'],
      ['row 9', 'rowUnclear', 'Row 9 does not name a picture.'],
      ['twin', 'rowUnclear', 'Row 8 of the table fits several pictures: “all/p/twin.jpg”, “all/q/twin.jpg”.'],
      [
        'a05',
        'rowWithoutPicture',
        'Row 7 of the table names a picture that was not dropped. The nearest name is “b05.jpg”.',
      ],
      ['all/p/twin.jpg', 'pictureWithoutRow', 'No row of “labels.csv” names this picture alone.'],
      ['all/q/twin.jpg', 'pictureWithoutRow', 'No row of “labels.csv” names this picture alone.'],
      ['b05.jpg', 'pictureWithoutRow', 'No row of “labels.csv” names this picture alone.'],
      ['notes.txt', 'notAPicture', 'The file is not a picture.'],
    ]);
  });

  test('takes the table that is called labels before an example of what a competition wants back', async () => {
    const files = [
      ...filesOf('id,dog,cat\nx,0.5,0.5\n', ['x.jpg', 'y.jpg', 'z.jpg'], 'a_submission.csv'),
      ...filesOf(pets, []),
    ];
    const reading = await readLabelledFolder(findLabelledFolder(files) as LabelledFolder, {});
    expect(reading.classes).toEqual(['cat', 'dog']);
    expect(asideOf(reading)).toEqual([['a_submission.csv', 'notAPicture', 'The labels are those of “labels.csv”.']]);
  });
});

describe('what cannot be opened is said, and reading refuses it in the same words', () => {
  test.each([
    ['one class', 'x,dog\ny,dog\n', 'All rows with a picture say “dog”'],
    ['no match', '7,dog\n8,cat\n', 'No row names a picture that you dropped'],
    ['one column', 'x\ny\n', 'only one column'],
    ['nothing', ' ', 'This table is empty'],
  ])('%s', async (_, table, sentence) => {
    const folder = find(table, 'x.jpg', 'y.jpg');
    expect((await describeLabels(folder, {})).problem).toContain(sentence);
    await expect(readLabelledFolder(folder, {})).rejects.toThrow(sentence);
  });
});

describe('a look at the table', () => {
  test('guesses what it means and counts what that gives', async () => {
    const look = await describeLabels(
      find(`${pets}w1,cat\n`, 'train/x.jpg', 'train/y.jpg', 'train/z.jpg', 'w2.jpg', 'test/1.jpg'),
      {},
    );
    expect(look).toMatchObject({
      options: { tablePath: 'labels.csv', delimiter: ',', hasHeader: true, idColumn: 0, labelColumn: 1, suffix: '' },
      likelyDelimiters: [','],
      columnCount: 2,
      rowCount: 4,
      matchedCount: 3,
      unmatchedCount: 1,
      firstUnmatched: [{ rowNumber: 5, id: 'w1', nearestPaths: ['w2.jpg'] }],
      pictureCount: 4,
      testCount: 1,
      withoutRowCount: 1,
      classes: ['cat', 'dog'],
      problem: null,
    });
    expect(look.firstRows[0]).toEqual({ rowNumber: 1, cells: ['id', 'breed'] });
  });

  test('counts anew with what the person says', async () => {
    const folder = find('dog red,x\ncat,y\n', 'x.jpg', 'y.png');
    const guessed = await describeLabels(folder, {});
    expect(guessed.matchedCount).toBe(0);
    const turned: LabelOptions = { ...guessed.options, idColumn: 1, labelColumn: 0 };
    expect(await describeLabels(folder, turned)).toMatchObject({ matchedCount: 2, hasSeveralLabels: true });
    const whole: LabelOptions = { ...turned, separator: null };
    expect(await describeLabels(folder, whole)).toMatchObject({ classes: ['cat', 'dog red'], problem: null });
    expect((await describeLabels(folder, { ...whole, suffix: '.jpg' })).matchedCount).toBe(1);
    const others = { tablePath: 'labels.csv', delimiter: ',', idColumn: 1 };
    expect((await describeLabels(folder, others)).options).toEqual({ ...guessed.options, idColumn: 1 });
    const wrong = await describeLabels(folder, { ...whole, delimiter: ';' });
    expect(wrong).toMatchObject({ options: { delimiter: ';' }, columnCount: 0, likelyDelimiters: [','] });
    expect(wrong.problem).toContain('only one column');
  });
});

test('a competition’s sample beside the labels is nothing to complain of; another table is', async () => {
  const files = [
    ...filesOf(pets, ['x.jpg', 'y.jpg', 'z.jpg']),
    { path: 'sample_submission.csv', file: new Blob(['id,cat,dog\nq,0.5,0.5\n']) },
    { path: 'weather.csv', file: new Blob(['day,sun\n1,2\n']) },
  ];
  expect(asideOf(await readLabelledFolder(findLabelledFolder(files) as LabelledFolder, {}))).toEqual([
    ['weather.csv', 'notAPicture', 'The labels are those of “labels.csv”.'],
  ]);
});
