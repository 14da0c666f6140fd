// 700 folders of names that nobody would choose: every file is used once, set aside once or ignored once, and a class is always the
// folder that the file lies in.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { readFolder } from './folder.ts';

const hostileName = fc.oneof(
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    '..',
    '.',
    '',
    ' ',
    'train',
    'TEST',
    'valid',
    '=1+1',
    'a\u202eb',
    '\0',
  ),
  fc.string({ unit: 'binary', maxLength: 12 }).map((name) => name.replaceAll('/', '')),
  fc.constantFrom('cat', 'dog', 'train', 'valid', 'test'),
);
const hostilePath = fc
  .array(hostileName, { minLength: 1, maxLength: 5 })
  .chain((folders) => fc.nat(99).map((index) => [...folders, `${index}.jpg`].join('/')));

test('no file is lost, counted twice or put into a class that is not its folder', () => {
  let read = 0;
  fc.assert(
    fc.property(fc.uniqueArray(hostilePath, { minLength: 1, maxLength: 14 }), (paths) => {
      const files = paths.map((path) => ({ path, file: new Blob(['x']) }));
      try {
        const { entries, setAside, ignoredCount, classes } = readFolder(files);
        expect(entries.length + setAside.length + ignoredCount).toBe(paths.length);
        const seen = new Set([...entries, ...setAside].map(({ path }) => path));
        expect(seen.size).toBe(entries.length + setAside.length);
        expect(new Set(classes).size).toBe(classes.length);
        for (const { path, split, classNames } of entries) {
          if (classNames === null) expect(split).toBe('test');
          else {
            const folders = path.split('/').slice(0, -1);
            expect(folders.map((folder) => folder.normalize('NFC'))).toContain(classNames[0]);
            expect(classes).toContain(classNames[0]);
          }
        }
        read += 1;
      } catch (thrown) {
        expect(thrown).toBeInstanceOf(EngineError);
      }
    }),
    { numRuns: 600 },
  );
  expect(read).toBeGreaterThan(100);
});

test('the order in which a browser hands files over changes nothing', () => {
  fc.assert(
    fc.property(fc.uniqueArray(hostilePath, { minLength: 2, maxLength: 10 }), (paths) => {
      const summarize = (list: readonly string[]) => {
        try {
          const { entries, classes } = readFolder(list.map((path) => ({ path, file: new Blob(['x']) })));
          return { classes, entries: entries.map(({ path, split, classNames }) => ({ path, split, classNames })) };
        } catch (thrown) {
          return String(thrown);
        }
      };
      expect(summarize([...paths].reverse())).toEqual(summarize(paths));
    }),
    { numRuns: 100 },
  );
});

test('a folder’s name can be long and its tree deep without holding anything up', () => {
  const startedMs = performance.now();
  const digits = `train${'1'.repeat(5000)}x`;
  const words = `train${'-data'.repeat(1000)}!`;
  const deep = 'a/'.repeat(20_000);
  const { classes } = readFolder(
    [`${digits}/1.jpg`, `${words}/1.jpg`, `${deep}1.jpg`].map((path) => ({ path, file: new Blob(['x']) })),
  );
  expect(classes).toEqual(['a', words, digits].sort());
  const inDeep = ['cat', 'dog'].map((name) => ({ path: `${deep}${name}/1.jpg`, file: new Blob(['x']) }));
  expect(readFolder(inDeep).classes).toEqual(['cat', 'dog']);
  expect(performance.now() - startedMs).toBeLessThan(5000);
});
