import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { stageFolder } from './stageFolder.mjs';

let root = '';
let remove = () => {};

beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'stage-test-'));
});
afterEach(() => {
  remove();
  rmSync(root, { recursive: true, force: true });
});

/** Each file holds its own path. */
function write(...files: readonly string[]) {
  for (const file of files) {
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    writeFileSync(path.join(root, file), file);
  }
}

function stage(data: string, labels: string | null = null, test: string | null = null) {
  const at = (file: string | null) => (file === null ? null : path.join(root, file));
  const staged = stageFolder({ dataFolder: path.join(root, data), labelsFile: at(labels), testFolder: at(test) });
  remove = staged.remove;
  const files = (readdirSync(staged.folder, { recursive: true }) as string[]).map((file) => file.replaceAll('\\', '/'));
  return { ...staged, files: files.filter((file) => /\.\w+$/.test(file)).sort() };
}

describe('the folder that the page is handed', () => {
  test('is the person’s own where all lies in it', () => {
    write('dogs/train/1.jpg', 'dogs/tables/labels.csv');
    expect(stage('dogs').folder).toBe(path.join(root, 'dogs'));
    expect(stage('dogs')).toMatchObject({ tablePath: null });
    expect(stage('dogs', 'dogs/tables/labels.csv')).toMatchObject({
      folder: path.join(root, 'dogs'),
      tablePath: 'tables/labels.csv',
    });
  });

  test('holds a table from elsewhere in the place of its own, under the same name', () => {
    write('dogs/train/1.jpg', 'dogs/labels.csv', 'dogs/.hidden/x.jpg', 'mine/labels.csv');
    const { folder, files, tablePath } = stage('dogs', 'mine/labels.csv');
    expect(path.basename(folder)).toBe('dogs');
    expect(files).toEqual(['labels.csv', 'train/1.jpg']);
    expect(tablePath).toBe('labels.csv');
    expect(readFileSync(path.join(folder, 'labels.csv'), 'utf8')).toBe('mine/labels.csv');
    remove();
    expect(() => readdirSync(folder)).toThrow();
    expect(readFileSync(path.join(root, 'dogs/labels.csv'), 'utf8')).toBe('dogs/labels.csv');
  });

  test('holds test pictures beside what is learnt from, whatever they are called', () => {
    write('dogs/train/1.jpg', 'dogs/labels.csv', 'others/deep/7.jpg', 'others/8.jpg', 'others/sample.csv');
    expect(stage('dogs', null, 'others').files).toEqual(['labels.csv', 'test/7.jpg', 'test/8.jpg', 'train/1.jpg']);
  });

  test('says of class folders that they are for training, so that the test folder is no class', () => {
    write('pets/cats/1.jpg', 'pets/dogs/2.jpg', 'others/3.jpg');
    expect(stage('pets', null, 'others').files).toEqual(['test/3.jpg', 'train/cats/1.jpg', 'train/dogs/2.jpg']);
  });

  test('has one folder of test pictures', () => {
    write('pets/train/cats/1.jpg', 'pets/test/2.jpg', 'others/3.jpg');
    expect(() => stage('pets', null, 'others')).toThrow(/holds test pictures already, in test/);
  });
});
