// A hub on this computer, as small as one can be: it says the commit and the file of one repository and, as the real one does, sends whoever
// wants the file to another server. Both let every page read what they send. It keeps what it was asked.

import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const HUB_COMMIT = '5d2c1f0e9b8a7968574635241302f1e0d9c8b7a6';

export interface HubServerOptions {
  readonly repository: string;
  readonly file: Uint8Array;
  /** Of the file's line in the listing; what is given here replaces what is true. */
  readonly listed?: { readonly path?: string; readonly size?: number; readonly lfs?: { readonly oid: string } | null };
  /** The connection of the first download ends after so many bytes of the file, that of the second after the next number, and so on. */
  readonly breaksAt?: readonly number[];
  /** 'broken': as a lost connection; 'silent': nothing more comes; 'ended': as if that were all. */
  readonly breaks?: 'broken' | 'silent' | 'ended';
  readonly hasRanges?: boolean;
  /** In place of the right answer to a path, for as long as it gives one. */
  readonly instead?: (path: string) => { readonly status: number; readonly type: string; readonly body: string } | null;
}

export interface HubServer {
  /** Without a closing slash. */
  readonly address: string;
  /** Path and, where there was one, range of every request to either server, in order: '/file bytes=10-'. */
  readonly asked: readonly string[];
  readonly headers: readonly IncomingMessage['headers'][];
  close(): Promise<void>;
}

export async function startHubServer(options: HubServerOptions): Promise<HubServer> {
  const { repository, file, listed = {}, breaksAt = [], breaks = 'broken', hasRanges = true } = options;
  const asked: string[] = [];
  const headers: IncomingMessage['headers'][] = [];
  let downloads = 0;

  const sendFile = (request: IncomingMessage, response: ServerResponse) => {
    const start = hasRanges ? Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0) : 0;
    if (start >= file.byteLength) return response.writeHead(416).end();
    const end = breaksAt[downloads++];
    response.writeHead(start > 0 ? 206 : 200, {
      'content-type': 'application/octet-stream',
      ...(start > 0 ? { 'content-range': `bytes ${start}-${file.byteLength - 1}/${file.byteLength}` } : {}),
      ...(breaks === 'ended' ? {} : { 'content-length': file.byteLength - start }),
    });
    if (end === undefined || breaks === 'ended') return response.end(file.subarray(start, end));
    response.write(file.subarray(start, end), () => {
      // What was written should arrive before the line is cut.
      if (breaks === 'broken') setTimeout(() => response.destroy(), 20);
    });
    return response;
  };

  const entry = {
    type: 'file',
    oid: 'f0'.repeat(20),
    path: 'model.safetensors',
    size: file.byteLength,
    lfs: { oid: createHash('sha256').update(file).digest('hex'), size: file.byteLength, pointerSize: 134 },
    ...listed,
  };
  const listing = [{ type: 'file', oid: 'a0'.repeat(20), size: 1519, path: '.gitattributes' }, entry];
  const listen = async (answer: RequestListener): Promise<readonly [Server, string]> => {
    const server = createServer((request, response) => {
      const path = request.url ?? '/';
      response.setHeader('access-control-allow-origin', '*');
      asked.push([path, request.headers.range].filter((part) => part !== undefined).join(' '));
      headers.push(request.headers);
      const other = options.instead?.(path);
      if (other) response.writeHead(other.status, { 'content-type': other.type }).end(other.body);
      else answer(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // A server that listens on a port has an address of this kind.
    return [server, `http://127.0.0.1:${(server.address() as AddressInfo).port}`];
  };

  const [files, filesAddress] = await listen(sendFile);
  const [hub, address] = await listen((request, response) => {
    const sendJson = (value: unknown) =>
      response.setHeader('content-type', 'application/json').end(JSON.stringify(value));
    switch (request.url) {
      case `/api/models/${repository}/revision/main`:
        return sendJson({ id: repository, sha: HUB_COMMIT, siblings: [] });
      case `/api/models/${repository}/tree/${HUB_COMMIT}?recursive=false`:
        return sendJson(listing);
      case `/${repository}/resolve/${HUB_COMMIT}/model.safetensors`:
        return response.writeHead(302, { location: `${filesAddress}/stored` }).end();
      default:
        return response.writeHead(404).end();
    }
  });

  const close = (server: Server) =>
    new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    });
  return {
    address,
    asked,
    headers,
    close: async () => {
      await Promise.all([close(hub), close(files)]);
    },
  };
}
