// A static file server as plain as they come: no special headers, a few extra files, and it keeps what is POSTed to it.
// It stands for the one that somebody else uses to serve the built page.

import { createReadStream, existsSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { siteFolder } from '../scripts/setup/paths.mjs';

const contentTypes: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.zip': 'application/zip',
};

export interface StaticServer {
  /** Without a closing slash. */
  readonly address: string;
  /** Resolves with the body of the next POST to this path. */
  waitForPost(pathName: string): Promise<string>;
  close(): Promise<void>;
}

/** @param extraFiles by path, such as `/data.zip` */
export async function startStaticServer(extraFiles: ReadonlyMap<string, Uint8Array>): Promise<StaticServer> {
  const waiting = new Map<string, (body: string) => void>();

  async function takePost(pathName: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    response.end();
    waiting.get(pathName)?.(Buffer.concat(chunks).toString('utf8'));
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const pathName = new URL(request.url ?? '/', 'http://localhost').pathname;
    if (request.method === 'POST') {
      void takePost(pathName, request, response);
      return;
    }
    const extra = extraFiles.get(pathName);
    const file = path.join(siteFolder, pathName === '/' ? 'index.html' : path.normalize(pathName));
    response.setHeader('content-type', contentTypes[path.extname(file)] ?? 'application/octet-stream');
    if (extra) response.end(extra);
    else if (file.startsWith(siteFolder) && existsSync(file) && statSync(file).isFile())
      createReadStream(file).pipe(response);
    else response.writeHead(404).end();
  }

  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
  // A server that listens on a port has an address of this kind.
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://localhost:${port}`,
    waitForPost: (pathName) => new Promise((resolve) => waiting.set(pathName, resolve)),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
