import { describe, expect, test } from 'vitest';
import { indexPaths } from './pathIndex.ts';

function found(paths: readonly string[], id: string, suffix = '') {
  return indexPaths(paths)
    .find(id, suffix)
    .map((position) => paths[position]);
}

describe('a picture is found', () => {
  test.each([
    ['by its whole path', 'train/x.jpg', 'train/x.jpg'],
    ['by its name', 'train/x.jpg', 'x.jpg'],
    ['by its name without suffix', 'train/x.jpg', 'x'],
    ['by its path without suffix', 'train/x.jpg', 'train/x'],
    ['by its last folders', 'dogs/train/x.jpg', 'train/x.jpg'],
    ['by a path with folders above the dropped one', 'train/x.jpg', '/home/me/dogs/train/x.jpg'],
    ['by a path whose folder was the one dropped', 'x.jpg', 'train/x'],
    ['by a path as Windows writes it', 'train/x.jpg', 'train\\x.jpg'],
    ['by a path that starts here', 'train/x.jpg', './train/x.jpg'],
    ['in capitals', 'train/IMG_1.JPG', 'img_1.jpg'],
    ['in small letters', 'train/img_1.jpg', 'IMG_1'],
    ['after its format changed', 'train/x.webp', 'x.png'],
    ['by a name with a dot in it', 'dr.who.jpg', 'dr.who'],
    ['by an accent that macOS writes as two characters', 'e\u0301t\u00e9.jpg', '\u00e9te\u0301'],
  ])('%s', (_, path, id) => {
    expect(found(['other/y.jpg', path], id)).toEqual([path]);
  });
});

describe('a picture is not taken', () => {
  test.each([
    ['from another folder than the table says', ['valid/x.jpg'], 'train/x.jpg'],
    ['for a part of its name', ['mix.jpg'], 'x'],
    ['for the name before a dot that is no suffix', ['dr.jpg'], 'dr.who'],
    ['for a folder’s name', ['train/x.jpg'], 'train'],
  ])('%s', (_, paths, id) => {
    expect(found(paths, id)).toEqual([]);
  });
});

test('a suffix that was chosen is added where it is missing, and nothing else fits then', () => {
  const paths = ['x.jpg', 'x.png', 'y.png'];
  expect(found(paths, 'x')).toEqual(['x.jpg', 'x.png']);
  expect(found(paths, 'x', '.png')).toEqual(['x.png']);
  expect(found(paths, 'x.PNG', '.png')).toEqual(['x.png']);
  expect(found(paths, 'y', '.jpg')).toEqual([]);
});

test('the same name in two folders is ambiguous until the folder is named', () => {
  const paths = ['a/x.jpg', 'b/x.jpg', 'b/a/x.jpg'];
  expect(found(paths, 'x')).toEqual(paths);
  expect(found(paths, 'b/x')).toEqual(['b/x.jpg']);
  expect(found(paths, 'a/x')).toEqual(['a/x.jpg']);
});

test('capitals decide between names that differ in nothing else', () => {
  expect(found(['X.jpg', 'x.jpg'], 'x')).toEqual(['x.jpg']);
  expect(found(['Xa.jpg', 'xA.jpg'], 'xa')).toEqual(['Xa.jpg', 'xA.jpg']);
});
