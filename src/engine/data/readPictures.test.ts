import { describe, expect, test } from 'vitest';
import { createMemoryDecoder, makePictureFile } from '../platform/memory/memoryPlatform.ts';
import { indexDataset } from './datasetIndex.ts';
import { readFolder } from './readers/folder.ts';
import { type CheckedPicture, readPictures } from './readPictures.ts';

const options = { name: 'x', validationShare: 0.5, seed: 1 };
const grey = (value: number, widthPx = 20) => makePictureFile({ widthPx, heightPx: 20, rgb: [value, 100, 100] });

async function open(files: Readonly<Record<string, Blob>>) {
  const reading = readFolder(Object.entries(files).map(([path, file]) => ({ path, file })));
  const checked = await readPictures(reading.entries, createMemoryDecoder(), { aborted: false }, () => {});
  return { checked, summary: indexDataset(reading, checked, options).summary };
}

const codesOf = ({ summary }: Awaited<ReturnType<typeof open>>) => summary.warnings.map(({ code }) => code);
const sentenceOf = ({ summary }: Awaited<ReturnType<typeof open>>, code: string) =>
  summary.warnings.find((warning) => warning.code === code)?.sentence;

test('every file is known by the hash of its bytes', async () => {
  const { checked } = await open({
    'a/1.png': grey(101),
    'a/2.png': grey(102),
    'b/1.png': grey(103),
    'b/2.png': grey(104, 1000),
  });
  const hashes = checked.pictures.map(({ contentHash }: CheckedPicture) => contentHash);
  expect(hashes.map((hash) => hash?.length ?? 0)).toEqual([64, 64, 64, 64]);
  expect(new Set(hashes).size).toBe(4);
});

describe('what is worth knowing of a folder', () => {
  test('names the pictures that are in train and in valid, and what to do', async () => {
    const opened = await open({
      'train/a/1.png': grey(101),
      'train/b/1.png': grey(102),
      'valid/a/copy.png': grey(101),
      'valid/b/2.png': grey(103),
    });
    expect(opened.summary.leaks?.exact).toEqual({ count: 1, pairs: [{ trainId: 0, validId: 2 }] });
    expect(codesOf(opened)[0]).toBe('leak');
    expect(sentenceOf(opened, 'leak')).toBe(
      '1 validation picture is also among those to learn from (same bytes): the accuracy will look better than it is. The pairs are shown below. Take each of them out of the validation folder, or its twin out of the training folder, and drop the folder again.',
    );
  });

  test('says what one or two pictures of a class mean', async () => {
    const opened = await open({
      'a/1.png': grey(1),
      'b/1.png': grey(2),
      'b/2.png': grey(3),
      'c/1.png': grey(4),
      'c/2.png': grey(5),
      'c/3.png': grey(6),
      'd/1.png': new Blob(['no picture']),
    });
    const sentences = opened.summary.warnings.map(({ sentence }) => sentence).join('\n');
    expect(sentences).toContain('No training picture of “d” could be opened.');
    expect(sentences).toContain('“a” has one picture, and one picture cannot be both learnt from and checked with');
    expect(sentences).toContain('“b” has two pictures, one to learn from and one to check with');
    expect(sentences).not.toContain('“c”');
  });

  test('names folders inside class folders and names that are nearly alike', async () => {
    const opened = await open({ 'Dogs/small/1.png': grey(1), 'Dogs/2.png': grey(2), 'dogs /1.png': grey(3) });
    expect(sentenceOf(opened, 'nestedFolders')).toMatch(
      /^1 picture lies in a folder inside a class folder and is read as the class of the outer one: “Dogs\/small” as “Dogs”/,
    );
    expect(sentenceOf(opened, 'classNamesAlike')).toMatch(/^“Dogs” and “dogs ” differ in capitals or spaces alone/);
  });

  test('is a handful of sentences for 10,000 classes, within two seconds', async () => {
    const files: Record<string, Blob> = {};
    for (let index = 0; index < 10_000; index++) files[`class ${index}/1.png`] = grey(index % 250);
    files['class 0/2.png'] = grey(3, 3000);
    const reading = readFolder(Object.entries(files).map(([path, file]) => ({ path, file })));
    const checked = await readPictures(reading.entries, createMemoryDecoder(), { aborted: false }, () => {});
    const startedMs = performance.now();
    readFolder(Object.entries(files).map(([path, file]) => ({ path, file })));
    const { summary } = indexDataset(reading, checked, options);
    const elapsedMs = performance.now() - startedMs;
    expect(summary.classes.length).toBe(10_000);
    expect(summary.warnings.length).toBeLessThan(8);
    expect(summary.warnings[0]?.sentence).toMatch(/^“class 1”, “class 10”, .* and 9,994 more have one picture each/);
    expect(elapsedMs).toBeLessThan(2000);
  });
});
