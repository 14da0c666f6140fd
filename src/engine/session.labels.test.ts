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
    expect(summary.pictures.filter((picture) => picture.split === 'test')).toMatchObject([{ classIndex: null }]);
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

  test('with several labels for a picture is refused, and the open data set stays', async () => {
    await open();
    const several = labelledFiles(['id,tags', 'blue_0,blue dark', 'red_0,red']);
    await expect(open(several)).rejects.toThrow('Learning several labels for each picture comes later');
    expect((await session.splitDataset({ validationShare: 0.5, seed: 1 }, GO_ON)).counts[0]?.valid).toBe(5);
  });
});
