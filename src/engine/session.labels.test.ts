// The session with a table of labels: a look before opening, then the same data set as from folders.

import { beforeEach, describe, expect, test } from 'vitest';
import type { CommandHandlers } from '../protocol/commands.ts';
import type { DroppedFile } from '../protocol/dataset.ts';
import { createEventBatcher } from '../protocol/eventBatcher.ts';
import type { LabelDescription } from '../protocol/labels.ts';
import { crossValidationIndices } from './data/split.ts';
import { createMemoryPlatform, createMemoryWeights, makePictureFile } from './platform/memory/memoryPlatform.ts';
import { createSession } from './session.ts';

const GO_ON = { aborted: false };
const split = { validationShare: 0.2, seed: 42 };
const names = ['blue', 'red'].flatMap((className) => Array.from({ length: 10 }, (_, index) => `${className}_${index}`));
const drawn = (path: string): DroppedFile => {
  return { path, file: makePictureFile({ widthPx: 8, heightPx: 6, rgb: [90, 20, 10] }) };
};

/** Ten reds and ten blues in one folder, named without suffix in a table without header. */
function labelledFiles(rows = names.map((name) => `${name},${name.split('_')[0]}`)): DroppedFile[] {
  const pictures = names.map((name) => drawn(`train/${name}.png`));
  return [{ path: 'labels.csv', file: new Blob([rows.join('\n')]) }, ...pictures, drawn('test/1.png')];
}

let session: CommandHandlers;
const open = (files = labelledFiles()) => session.openDataset({ name: 'colours', files, ...split }, GO_ON);

beforeEach(() => {
  session = createSession({
    platform: createMemoryPlatform(createMemoryWeights(new Map())),
    events: createEventBatcher(
      () => {},
      () => 0,
      0,
    ),
    startBackend: () => Promise.reject(new Error('Nothing is computed in this test.')),
  });
});

describe('a table of labels', () => {
  test('is looked at, and looked at again, before it is opened', async () => {
    const look = await session.describeLabels({ files: labelledFiles(), labels: {} }, GO_ON);
    expect(look).toMatchObject({ matchedCount: 20, pictureCount: 20, testCount: 1, classes: ['blue', 'red'] });
    const labels = { ...(look as LabelDescription).options, suffix: '.gif' };
    expect(await session.describeLabels({ files: null, labels }, GO_ON)).toMatchObject({ matchedCount: 0 });
    const folders = [drawn('blue/1.png'), drawn('red/1.png')];
    expect(await session.describeLabels({ files: folders, labels: {} }, GO_ON)).toBeNull();
  });

  test('gives the classes, a share of each to check with, and a test set without labels', async () => {
    const summary = await open();
    expect(summary.layout).toBe('csv');
    expect(summary.splitOrigin).toEqual({ kind: 'stratified', ...split });
    expect(summary.counts.map(({ className, train, valid }) => [className, train, valid])).toEqual([
      ['blue', 8, 2],
      ['red', 8, 2],
    ]);
    expect(summary.pictures.filter((picture) => picture.split === 'test')).toMatchObject([{ classIndices: null }]);
    expect(summary.setAside).toEqual([]);
  });

  test('is believed when it says what its columns mean', async () => {
    const files = labelledFiles(names.map((name) => `${name.split('_')[0]} one;${name}`));
    const look = await session.describeLabels({ files, labels: {} }, GO_ON);
    const labels = { ...(look as LabelDescription).options, idColumn: 1, labelColumn: 0, separator: null };
    const summary = await session.openDataset({ name: 'colours', files, labels, ...split }, GO_ON);
    expect(summary.classes).toEqual(['blue one', 'red one']);
  });

  test('can be split as the lesson does, by the place of its rows', async () => {
    await open();
    const summary = await session.splitDataset({ ...split, fold: 1 }, GO_ON);
    expect(summary.splitOrigin).toEqual({ kind: 'fold', fold: 1, ...split });
    const valid = summary.pictures.filter((picture) => picture.split === 'valid').map(({ id }) => id);
    expect(valid).toEqual(crossValidationIndices(20, { fold: 1 }).sort((a, b) => a - b));
  });

  test('cannot be split into a fold that is not there, and its split stays', async () => {
    const { fingerprint } = await open();
    await expect(session.splitDataset({ ...split, fold: 5 }, GO_ON)).rejects.toThrow('Choose an earlier fold');
    await expect(session.splitDataset({ ...split, fold: 0.5 }, GO_ON)).rejects.toThrow('Folds are numbered from 0');
    expect((await session.splitDataset(split, GO_ON)).fingerprint).toBe(fingerprint);
  });

  test('says so when a fold leaves a class nothing to learn from', async () => {
    const rows = names.map(
      (name, place) =>
        `${name},${crossValidationIndices(20, { seed: 1 }).includes(place) ? 'rare' : name.split('_')[0]}`,
    );
    const files = labelledFiles(rows);
    const { warnings } = await session.openDataset({ name: 'x', files, validationShare: 0.2, seed: 1, fold: 0 }, GO_ON);
    const { sentence } = warnings.find(({ code }) => code === 'classTooSmall') ?? {};
    expect(sentence).toContain('All pictures of “rare” are in the validation part of this fold');
  });

  test('gives every picture tags where one has several, and keeps those without any', async () => {
    const rows = names.map((name, place) => {
      const tags = [name.split('_')[0], ...(place % 2 === 0 ? ['even'] : [])];
      return `${name},${place === 3 ? '' : tags.join(' ')}`;
    });
    const summary = await open(labelledFiles(['id,tags', ...rows]));
    expect(summary.labelKind).toBe('tags');
    expect(summary.classes).toEqual(['blue', 'even', 'red']);
    const tagsOf = (name: string) => summary.pictures.find(({ path }) => path.endsWith(`/${name}.png`))?.classIndices;
    expect([tagsOf('blue_0'), tagsOf('blue_1'), tagsOf('blue_3'), tagsOf('red_0')]).toEqual([[0, 1], [0], [], [1, 2]]);
    expect(summary.pictures.find(({ split: part }) => part === 'test')?.classIndices).toBeNull();
    expect(summary.counts.map(({ className, train, valid }) => [className, train + valid])).toEqual([
      ['blue', 9],
      ['even', 10],
      ['red', 10],
    ]);
    // A share of the pictures of each rarest tag: every tag is on both sides.
    expect(summary.counts.every(({ train, valid }) => train > 0 && valid > 0)).toBe(true);
  });

  test('warns of classes of unequal size with what to do: for tags, only more pictures', async () => {
    const warn = async (rowOf: (name: string, place: number) => string) => {
      const { warnings } = await open(labelledFiles(['id,tags', ...names.map(rowOf)]));
      return warnings.find(({ code }) => code === 'unbalanced')?.sentence;
    };
    const isRare = (place: number) => place % 10 < 2;
    expect(await warn((name) => `${name},${name.split('_')[0]}`)).toBeUndefined();
    expect(await warn((name, place) => `${name},${isRare(place) ? 'rare' : 'common'}`)).toContain(
      '“common” has 13 training pictures and “rare” 3; rare classes are learnt badly. Choose “repeat their pictures” for',
    );
    expect(await warn((name, place) => `${name},common${isRare(place) ? ' rare' : ''}`)).toContain(
      'Rare tags are learnt badly: add pictures of them.',
    );
  });

  test('warns of tags that cannot be learnt in the words of tags', async () => {
    const rows = ['id,tags', '1,river road', '2,river', '3,road snow'];
    const files = [drawn('train/1.png'), drawn('train/2.png'), drawn('valid/3.png')];
    const summary = await open([{ path: 'tags.csv', file: new Blob([rows.join('\n')]) }, ...files]);
    const sentences = Object.fromEntries(summary.warnings.map(({ code, sentence }) => [code, sentence]));
    expect(sentences.classTooSmall).toMatch(/^No training picture has the tag “snow”/);
    expect(sentences.validationSmall).toMatch(/one picture is 100 % of the F2/);
  });

  test('is read together with those of the same header, but not with an example of what is wanted back', async () => {
    const table = (path: string, rows: string[]) => ({ path, file: new Blob([['id,tags', ...rows].join('\n')]) });
    const rows = names.map((name) => `${name},${name.split('_')[0]}`);
    const files = [
      ...labelledFiles().slice(1),
      table('labels_a.csv', rows.slice(0, 8)),
      table('labels_b.csv', rows.slice(8)),
      table('sample_submission.csv', ['1,blue']),
      table('example.csv', ['1,blue']),
    ];
    const look = await session.describeLabels({ files, labels: {} }, GO_ON);
    expect(look).toMatchObject({ siblingPaths: ['labels_b.csv'], matchedCount: 20, withoutRowCount: 0 });
    const summary = await open(files);
    expect(summary.pictures.filter(({ split: part }) => part !== 'test')).toHaveLength(20);
    expect(summary.setAside).toMatchObject([
      { path: 'example.csv', sentence: 'The labels are those of “labels_a.csv” and “labels_b.csv”.' },
    ]);
  });
});

describe('everything to learn from', () => {
  test('leaves nothing to check with, says so, and can be undone', async () => {
    const { fingerprint } = await open();
    const all = await session.splitDataset({ ...split, usesAll: true }, GO_ON);
    expect(all.splitOrigin).toEqual({ kind: 'all', hasFolderSplit: false });
    expect(all.counts.map(({ train, valid }) => [train, valid])).toEqual([
      [10, 0],
      [10, 0],
    ]);
    expect(all.pictures.filter(({ split: part }) => part === 'test')).toHaveLength(1);
    expect(all.warnings.map(({ code }) => code)).toEqual(['noValidation']);
    expect((await session.splitDataset(split, GO_ON)).fingerprint).toBe(fingerprint);
  });

  test('takes the validation folder too, but never a labelled test folder', async () => {
    const paths = ['train', 'valid', 'test'].flatMap((part) => ['blue', 'red'].map((name) => `${part}/${name}/1.png`));
    const files = paths.map(drawn);
    const summary = await session.openDataset({ name: 'x', files, ...split, usesAll: true }, GO_ON);
    expect(summary.splitOrigin).toEqual({ kind: 'all', hasFolderSplit: true });
    expect(summary.pictures.map(({ path, split: part }) => `${path.split('/')[0]} ${part}`)).toEqual([
      'test test',
      'test test',
      'train train',
      'train train',
      'valid train',
      'valid train',
    ]);
  });
});
