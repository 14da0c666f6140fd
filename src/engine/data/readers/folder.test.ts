import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compareCodeUnits, readFolder } from './folder.ts';

const file = new Blob(['x']);
const read = (...paths: string[]) => readFolder(paths.map((path) => ({ path, file })));
const entriesOf = (reading: ReturnType<typeof readFolder>) =>
  reading.entries.map(({ path, split, classNames }) => [path, split, classNames?.join(' ') ?? null]);

describe('a folder with train and valid inside', () => {
  test.each([
    ['train', 'valid'],
    ['training', 'val'],
    ['Train', 'Validation'],
    ['train-jpg', 'valid_jpg'],
    ['train2017', 'val2017'],
    ['training images', 'validation_set'],
  ])('is read by its folders: %s and %s', (train, valid) => {
    const reading = read(`${train}/bees/1.jpg`, `${train}/ants/1.jpg`, `${valid}/ants/2.jpg`, `${valid}/bees/2.jpg`);
    expect(reading.layout).toBe('splitFolders');
    expect(reading.classes).toEqual(['ants', 'bees']);
    expect(reading.entries.map(({ split }) => split).sort()).toEqual(['train', 'train', 'valid', 'valid']);
  });

  test('does not take a class for a split because of how its name begins', () => {
    const { layout, classes } = read('train station/1.jpg', 'trainer/1.jpg', 'valley/1.jpg', 'test tube/1.jpg');
    expect(layout).toBe('classFolders');
    expect(classes).toEqual(['test tube', 'train station', 'trainer', 'valley']);
  });

  test('may have a test folder as competitions call it', () => {
    const reading = read('train/a/1', 'train/b/1', 'test1/7.jpg', 'test-jpg-additional/8.jpg');
    expect(entriesOf(reading).slice(0, 2)).toEqual([
      ['test-jpg-additional/8.jpg', 'test', null],
      ['test1/7.jpg', 'test', null],
    ]);
  });

  test('may come with a competition’s sample of a submission, which is nothing to complain of', () => {
    const reading = read('pets/train/a/1', 'pets/train/b/1', 'pets/sample_submission.csv', 'pets/notes.csv');
    expect(reading.setAside.map(({ path }) => path)).toEqual(['pets/notes.csv']);
    expect(reading.ignoredCount).toBe(0);
  });

  test('may have a test folder, with or without classes', () => {
    const reading = read('train/a/1', 'train/b/1', 'valid/a/1', 'valid/b/1', 'test/7.jpg', 'test/a/8.jpg');
    expect(entriesOf(reading).slice(0, 2)).toEqual([
      ['test/7.jpg', 'test', null],
      ['test/a/8.jpg', 'test', 'a'],
    ]);
  });

  test('may have a test folder whose own folders are no classes', () => {
    const reading = read('train/a/1', 'train/b/1', 'test/unknown/7.jpg');
    expect(entriesOf(reading)[0]).toEqual(['test/unknown/7.jpg', 'test', null]);
    expect([reading.setAside, reading.classesMissingInTrain]).toEqual([[], []]);
  });

  test('names the class that validates but does not train, and sets its pictures aside', () => {
    const reading = read('train/a/1', 'train/b/1', 'valid/a/1', 'valid/wasps/1');
    expect(reading.classesMissingInTrain).toEqual(['wasps']);
    expect(reading.setAside).toEqual([
      { path: 'valid/wasps/1', reason: 'unknownClass', sentence: 'The training folder has no class “wasps”.' },
    ]);
    expect(reading.entries.length).toBe(3);
  });

  test('keeps its classes where none of them validates under another number', () => {
    const reading = read('train/a/1', 'train/b/1', 'train/c/1', 'valid/b/2', 'valid/c/2');
    expect(reading.classes).toEqual(['a', 'b', 'c']);
    expect(entriesOf(reading).slice(3)).toEqual([
      ['valid/b/2', 'valid', 'b'],
      ['valid/c/2', 'valid', 'c'],
    ]);
  });

  test('is split by the studio when only train is there', () => {
    expect(read('train/a/1', 'train/b/1').entries.every(({ split }) => split === null)).toBe(true);
  });
});

describe('class folders alone', () => {
  test('are classes, pictures in deeper folders included', () => {
    const reading = read('cats/1.jpg', 'cats/winter/2.jpg', 'dogs/3.jpg');
    expect(reading.layout).toBe('classFolders');
    expect(entriesOf(reading)).toEqual([
      ['cats/1.jpg', null, 'cats'],
      ['cats/winter/2.jpg', null, 'cats'],
      ['dogs/3.jpg', null, 'dogs'],
    ]);
  });

  test('are found inside folders that hold nothing else', () => {
    const wrapped = read('pictures/animals/cats/1', 'pictures/animals/dogs/1');
    expect(wrapped.classes).toEqual(['cats', 'dogs']);
    expect(wrapped.entries.map(({ path }) => path)).toEqual(['pictures/animals/cats/1', 'pictures/animals/dogs/1']);
    expect(read('zip/train/cats/1', 'zip/train/dogs/1', 'zip/valid/cats/1').layout).toBe('splitFolders');
  });

  test('may have a test folder beside them, which is a class only where one class alone would be left', () => {
    const reading = read('cats/1.jpg', 'dogs/1.jpg', 'test/7.jpg', 'test/dogs/8.jpg');
    expect([reading.layout, reading.classes]).toEqual(['classFolders', ['cats', 'dogs']]);
    expect(entriesOf(reading).slice(2)).toEqual([
      ['test/7.jpg', 'test', null],
      ['test/dogs/8.jpg', 'test', 'dogs'],
    ]);
    expect(read('control/1.jpg', 'test/1.jpg').classes).toEqual(['control', 'test']);
  });

  test('set loose files aside: they have no class', () => {
    const reading = read('cats/1.jpg', 'dogs/1.jpg', 'loose.jpg');
    expect(reading.setAside.map(({ path, reason }) => [path, reason])).toEqual([['loose.jpg', 'noClass']]);
  });
});

describe('names of class folders', () => {
  test('are one class however marks are written: macOS writes an é as two characters, others as one', () => {
    const [one, two] = ['caf\u00e9', 'cafe\u0301'];
    const reading = read(`train/${one}/1`, `train/b/1`, `valid/${two}/2`, 'valid/b/2');
    expect(reading.classes).toEqual(['b', one]);
    expect([reading.setAside, reading.classesMissingInTrain]).toEqual([[], []]);
    expect(reading.entries.map(({ path }) => path)).toContain(`valid/${two}/2`);
    expect(reading.twiceWritten).toEqual([one]);
    expect(read('a/1', 'b/1').twiceWritten).toEqual([]);
  });

  test('may hold spaces, dots, emoji and a thousand letters', () => {
    const names = ['a.b.c', 'two  words', '犬', '🐈', 'x'.repeat(1000), 'dog.jpg'];
    expect(read(...names.map((name) => `${name}/1.jpg`)).classes).toEqual([...names].sort());
  });

  test('hold for the folders inside them, and the first of these is named', () => {
    const { nested, entries } = read('train/dogs/small/1.jpg', 'train/dogs/2.jpg', 'train/cats/big/old/3.jpg');
    expect(entries.map(({ classNames }) => classNames?.[0])).toEqual(['cats', 'dogs', 'dogs']);
    expect(nested).toEqual({ count: 2, firstFolder: 'train/cats/big/old', firstClass: 'cats' });
    expect(read('dogs/small/1.jpg', 'cats/2.jpg').nested?.firstClass).toBe('dogs');
    expect(read('train/a/1', 'train/b/1').nested).toBeNull();
  });
});

test('junk is ignored by name and counted', () => {
  const junk = [
    'README.md',
    'cats/LICENSE',
    '.DS_Store',
    'cats/Thumbs.db',
    '__MACOSX/cats/._1.jpg',
    '.ipynb_checkpoints/1.jpg',
    'cats/.hidden/1.jpg',
  ];
  const reading = read('cats/1', 'dogs/1', ...junk);
  expect(reading.ignoredCount).toBe(junk.length);
  expect(reading.setAside).toEqual([]);
});

test('classes are sorted by code unit, as Python sorts them', () => {
  expect(read('b/1', 'B/1', 'ä/1', 'a/1', '10/1', '9/1').classes).toEqual(['10', '9', 'B', 'a', 'b', 'ä']);
});

test('what cannot be trained on is refused with a sentence that says what to drop instead', () => {
  expect(() => read()).toThrow('Choose a folder of class folders');
  expect(() => read('1.jpg', '2.jpg')).toThrow('There is no class folder in what you dropped');
  expect(() => read('cats/1.jpg')).toThrow('only one class folder, “cats”');
  expect(() => read('train/1.jpg')).toThrow('pictures and a CSV file of their labels');
});

test('whatever the order of the files, the reading is the same', () => {
  const segment = fc.constantFrom('a', 'b', 'train', 'valid', 'x.jpg', '.junk');
  const path = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.uniqueArray(path, { maxLength: 12 }), (paths) => {
      const attempt = (order: string[]) => {
        try {
          const { classes, entries, setAside } = read(...order);
          return JSON.stringify([
            classes,
            entries.map((entry) => entry.path),
            setAside.map((aside) => aside.path).sort(),
          ]);
        } catch (thrown) {
          return String(thrown);
        }
      };
      expect(attempt([...paths].reverse())).toBe(attempt([...paths].sort(compareCodeUnits)));
    }),
  );
});
