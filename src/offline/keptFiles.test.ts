import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createFileKeeper, type KeeperPorts, type SiteFile, type SiteFiles } from './keptFiles.ts';

const baseUrl = 'https://example.org/studio/';
const weightsPath = 'weights/lite.safetensors';

/** The browser's caches, as far as they are used. */
function createMemoryCaches(): CacheStorage {
  const caches = new Map<string, Map<string, Response>>();
  const open = async (name: string) => {
    const entries = caches.get(name) ?? new Map<string, Response>();
    caches.set(name, entries);
    return {
      match: async (url: string) => entries.get(url)?.clone(),
      put: async (url: string, response: Response) => void entries.set(url, response),
      delete: async (url: string) => entries.delete(url),
    };
  };
  const storage = { open, keys: async () => [...caches.keys()], delete: async (name: string) => caches.delete(name) };
  // The rest of a CacheStorage is not used.
  return storage as unknown as CacheStorage;
}

interface Server {
  readonly files: Map<string, string>;
  /** What was asked of it, with the way past the browser's cache. */
  readonly asked: string[];
  isOnline: boolean;
}

function serve(files: Readonly<Record<string, string>>): Server {
  return { files: new Map(Object.entries(files)), asked: [], isOnline: true };
}

const fetchFrom =
  (server: Server): KeeperPorts['fetch'] =>
  async (url, init) => {
    if (!server.isOnline) throw new TypeError('Failed to fetch');
    const path = url.slice(baseUrl.length);
    server.asked.push(`${path} ${init?.cache}`);
    const text = server.files.get(path);
    return text === undefined
      ? new Response('', { status: 404 })
      : new Response(text, { headers: { 'content-type': 'text/x', 'content-encoding': 'gzip' } });
  };

const listed = (path: string, text: string): SiteFile => ({
  path,
  sha256: createHash('sha256').update(text).digest('hex'),
});

function describeSite(version: string, script = 'one'): SiteFiles {
  return {
    version,
    page: [listed('index.html', `page ${version}`), listed(`assets/index-${script}.js`, script)],
    ahead: [listed(weightsPath, 'weights')],
    onUse: [listed('weights/large.safetensors', 'large')],
    headers: { 'Cross-Origin-Opener-Policy': 'same-origin' },
  };
}

const filesOf = (version: string, script = 'one') => ({
  'index.html': `page ${version}`,
  [`assets/index-${script}.js`]: script,
  [weightsPath]: 'weights',
  'weights/large.safetensors': 'large',
});

function start(site = describeSite('1'), server = serve(filesOf('1')), caches = createMemoryCaches()) {
  const keeper = createFileKeeper(site, { baseUrl, caches, fetch: fetchFrom(server) });
  const read = async (path: string, cache: RequestCache = 'default') =>
    (await keeper.answer({ url: baseUrl + path, cache }))?.text();
  return { keeper, server, caches, read };
}

describe('offline, after one visit', () => {
  test('the page, its files and the first network’s weights are there', async () => {
    const { keeper, server, read } = start();
    await keeper.keepPage();
    await keeper.keepAhead();
    server.isOnline = false;
    expect(await read('?backend=wasm')).toBe('page 1');
    expect(await read('assets/index-one.js')).toBe('one');
    expect(await read(weightsPath)).toBe('weights');
    await expect(read('weights/large.safetensors')).rejects.toThrow('Failed to fetch');
  });

  test('what else was used is there, too', async () => {
    const { keeper, server, read } = start();
    await keeper.keepPage();
    expect(await read('weights/large.safetensors')).toBe('large');
    server.isOnline = false;
    expect(await read('weights/large.safetensors')).toBe('large');
  });

  test('answers have the site’s headers and say what type they are, but not how they travelled', async () => {
    const { keeper, server } = start();
    await keeper.keepPage();
    server.isOnline = false;
    const answer = await keeper.answer({ url: baseUrl, cache: 'default' });
    expect(answer?.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(answer?.headers.get('content-type')).toBe('text/x');
    expect(answer?.headers.get('content-encoding')).toBeNull();
  });
});

test('weights that are wanted while they are being kept are fetched once', async () => {
  const { keeper, server, read } = start();
  const keeping = keeper.keepAhead();
  expect(await read(weightsPath)).toBe('weights');
  await keeping;
  expect(server.asked).toEqual([`${weightsPath} no-store`]);
});

describe('a damaged file', () => {
  test('is asked for once more past the browser’s cache, and a version that cannot be had whole is not installed', async () => {
    const { keeper, server } = start();
    server.files.set('assets/index-one.js', 'cut sho');
    await expect(keeper.keepPage()).rejects.toThrow('assets/index-one.js could not be kept as this version has it');
    expect(server.asked.slice(-2)).toEqual(['assets/index-one.js default', 'assets/index-one.js no-store']);
  });

  test('among the kept ones is dropped and fetched again when its reader asks past it', async () => {
    const { keeper, server, caches, read } = start();
    await keeper.keepAhead();
    const [name] = await caches.keys();
    await (await caches.open(name ?? '')).put(baseUrl + weightsPath, new Response('damaged'));
    expect(await read(weightsPath)).toBe('damaged');
    expect(await read(weightsPath, 'reload')).toBe('weights');
    server.isOnline = false;
    expect(await read(weightsPath)).toBe('weights');
  });

  test('that the server itself sends is handed on to be refused, and not kept', async () => {
    const { server, read } = start();
    server.files.set(weightsPath, 'damaged');
    expect(await read(weightsPath)).toBe('damaged');
    server.files.set(weightsPath, 'weights');
    expect(await read(weightsPath)).toBe('weights');
  });
});

describe('a new version', () => {
  test('is seen at once in the page, and takes over unchanged files without fetching them', async () => {
    const first = start();
    await first.keeper.keepPage();
    await first.keeper.keepAhead();
    const server = serve(filesOf('2'));
    const next = start(describeSite('2'), server, first.caches);
    await next.keeper.keepPage();
    await next.keeper.keepAhead();
    expect(server.asked).toEqual(['index.html no-store']);
    expect(await next.read('')).toBe('page 2');
  });

  test('lets the one before stay for other tabs, and lets go of older ones and of nobody else’s', async () => {
    const caches = createMemoryCaches();
    await caches.open('another site of this origin');
    for (const version of ['1', '2', '3']) {
      const { keeper } = start(describeSite(version), serve(filesOf(version)), caches);
      await keeper.keepPage();
      await keeper.forgetOldVersions();
    }
    expect(await caches.keys()).toEqual([
      'another site of this origin',
      `windowbox ${baseUrl} 2`,
      `windowbox ${baseUrl} 3`,
    ]);
  });

  test('is not mixed with the old one: its page is shown by the network first', async () => {
    const { keeper, server, read } = start();
    await keeper.keepPage();
    server.files.set('index.html', 'page 2');
    expect(await read('index.html')).toBe('page 2');
    server.isOnline = false;
    expect(await read('index.html')).toBe('page 1');
  });
});

test('a browser without room for files, or that has lost its caches, is answered by the network', async () => {
  const full = createMemoryCaches();
  const open = async () => ({
    match: async () => undefined,
    delete: async () => false,
    put: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
  });
  // Only these three are used.
  const withoutRoom = start(describeSite('1'), serve(filesOf('1')), { ...full, open } as unknown as CacheStorage);
  expect(await withoutRoom.read(weightsPath)).toBe('weights');
  await expect(withoutRoom.keeper.keepPage()).rejects.toThrow('could not be kept');
  const lost = { ...full, open: () => Promise.reject(new DOMException('lost', 'UnknownError')) };
  const withoutCaches = start(describeSite('1'), serve(filesOf('1')), lost);
  expect(await withoutCaches.read(weightsPath)).toBe('weights');
  expect(await withoutCaches.read('index.html')).toBe('page 1');
});

test('what is none of the site’s files goes its usual way', () => {
  const { keeper } = start();
  for (const url of [`${baseUrl}bench.html`, `${baseUrl}data.zip`, 'https://example.org/index.html', 'blob:x']) {
    expect(keeper.answer({ url, cache: 'default' }), url).toBeNull();
  }
});
