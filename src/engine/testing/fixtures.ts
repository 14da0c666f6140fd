// Reads files of the project in Node tests.

import { readFileSync } from 'node:fs';

const ROOT = new URL('../../../', import.meta.url);

/** @param path from the project's root. The caller names the type: fixtures are part of the project. */
export function readJson<Content>(path: string): Content {
  return JSON.parse(readFileSync(new URL(path, ROOT), 'utf8')) as Content;
}

export function readBytes(path: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(readFileSync(new URL(path, ROOT)));
}
