// @vitest-environment happy-dom
import { BlobReader, BlobWriter, TextReader, ZipWriter } from '@zip.js/zip.js';
import { describe, expect, it } from 'vitest';
import { nameArchive, nameFolder, normalizePath } from './folderPaths.ts';
import { checkArchive, isSafePath, readZip } from './readZip.ts';

const withPaths = (...paths: string[]) => paths.map((path) => ({ path, file: new Blob(['x']) }));
const pathsOf = (files: readonly { path: string }[]) => files.map((file) => file.path);

const entry = (filename: string, uncompressedSize: number) => {
  return { filename, uncompressedSize, compressedSize: uncompressedSize, encrypted: false };
};

describe('paths of a chosen folder', () => {
  it('lose the folder’s own name, which becomes the data set’s name', () => {
    const named = nameFolder(withPaths('ants_bees/train/ants/1.jpg', 'ants_bees/valid/bees/2.jpg'), 'pictures');
    expect(named.name).toBe('ants_bees');
    expect(pathsOf(named.files)).toEqual(['train/ants/1.jpg', 'valid/bees/2.jpg']);
  });

  it('keep class folders that were dropped together', () => {
    const named = nameFolder(withPaths('/ants/1.jpg', '/bees/2.jpg'), 'dropped pictures');
    expect(named.name).toBe('dropped pictures');
    expect(pathsOf(named.files)).toEqual(['ants/1.jpg', 'bees/2.jpg']);
  });

  it('see the folder’s name past junk that lies beside it, and keep the junk to be counted', () => {
    const named = nameFolder(withPaths('pets/cat/1.jpg', 'pets/dog/2.jpg', '.DS_Store'), 'pictures');
    expect(named.name).toBe('pets');
    expect(pathsOf(named.files)).toEqual(['cat/1.jpg', 'dog/2.jpg', '.DS_Store']);
  });

  it('are written with forward slashes and without a leading dot', () => {
    expect(['./a/b.jpg', '/a/b.jpg', 'a\\b.jpg', 'a//b.jpg'].map(normalizePath)).toEqual(new Array(4).fill('a/b.jpg'));
  });
});

describe('paths of an archive', () => {
  it('lose every wrapping folder, and what a system left behind does not hide it', () => {
    const named = nameArchive(withPaths('set/pets/cat/1.jpg', 'set/pets/dog/2.jpg', '__MACOSX/x'), 'download.zip');
    expect(named.name).toBe('pets');
    expect(pathsOf(named.files)).toEqual(['cat/1.jpg', 'dog/2.jpg', '__MACOSX/x']);
  });

  it('keep train and valid when they lie at the top', () => {
    const named = nameArchive(withPaths('train/a/1.jpg', 'valid/a/2.jpg'), 'flowers.zip');
    expect(named.name).toBe('flowers');
    expect(pathsOf(named.files)).toEqual(['train/a/1.jpg', 'valid/a/2.jpg']);
  });

  it('keep the class folder of an archive with a single class', () => {
    expect(pathsOf(nameArchive(withPaths('cat/1.jpg', 'cat/2.jpg'), 'x.zip').files)).toEqual([
      'cat/1.jpg',
      'cat/2.jpg',
    ]);
  });
});

describe('a zip', () => {
  it('is read file by file, with the type that its ending says', async () => {
    const writer = new ZipWriter(new BlobWriter(), { useWebWorkers: false });
    await writer.add('pets/cat/1.svg', new TextReader('<svg/>'));
    await writer.add('pets/dog/2.JPG', new BlobReader(new Blob(['jpg'])));
    const files = await readZip(await writer.close());
    expect(pathsOf(files)).toEqual(['pets/cat/1.svg', 'pets/dog/2.JPG']);
    expect(files.map((entry) => entry.file.type)).toEqual(['image/svg+xml', 'image/jpeg']);
    expect(await files[0]?.file.text()).toBe('<svg/>');
  });

  it('that is none is refused with a sentence', async () => {
    await expect(readZip(new Blob(['not a zip']))).rejects.toThrow(
      /could not be read as a zip, or it is damaged\. Nothing was opened/,
    );
  });

  it('with a path that points outside is refused', () => {
    expect(['../x', '/etc/x', 'a/../../x', 'C:\\x', 'a/b.jpg'].map(isSafePath)).toEqual([
      false,
      false,
      false,
      false,
      true,
    ]);
    expect(() => checkArchive([entry('../x', 1)])).toThrow(/points outside itself/);
  });

  it('that unpacks to more than the limit is refused before anything is unpacked', () => {
    expect(() => checkArchive([entry('a/1.jpg', 2e10)])).toThrow(/more than 16 GB/);
    const many = Array.from({ length: 200_001 }, (_, index) => entry(`${index}`, 0));
    expect(() => checkArchive(many)).toThrow(/more than 200000 files/);
  });
});
