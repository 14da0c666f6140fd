// The site's own files in the browser's cache, so that the studio works offline after the first visit. Every file is kept by
// its hash: one that arrives damaged, or from another version of the site, is not kept. Knows no service worker, only its ports.

export interface SiteFile {
  /** Below the page's folder: `assets/index-4f3a.js`. */
  readonly path: string;
  readonly sha256: string;
}

/** Written into the service worker by scripts/build/listSiteFiles.mjs. */
export interface SiteFiles {
  /** A hash over all of them. */
  readonly version: string;
  /** What the page cannot start without: kept before the version counts as installed. */
  readonly page: readonly SiteFile[];
  /** What the first run needs: kept as soon as the page is there. */
  readonly ahead: readonly SiteFile[];
  /** Everything else: kept when it is first used. */
  readonly onUse: readonly SiteFile[];
  /** Given to every answer whose server did not send them. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface KeeperPorts {
  /** Folder of the page, with a slash at its end. */
  readonly baseUrl: string;
  readonly caches: CacheStorage;
  fetch(url: string, init?: RequestInit): Promise<Response>;
}

export interface FileKeeper {
  /** Keeps what the page needs. Rejects when a file cannot be had as the list has it; the version before then stays. */
  keepPage(): Promise<void>;
  /** Keeps what the first run needs. Never rejects: what is missing is fetched when it is used. */
  keepAhead(): Promise<void>;
  /** Lets go of all versions but this one and the one before, which another tab may still be running. */
  forgetOldVersions(): Promise<void>;
  /** The answer to a GET, or null for what is none of the site's files. */
  answer(request: Pick<Request, 'url' | 'cache'>): Promise<Response> | null;
}

/** A network that says nothing for so long is taken for none. */
const NETWORK_LIMIT_MS = 5000;

const PAST_THE_CACHE = 'no-store';

/** Headers about how the bytes travelled; what is kept is what arrived. */
const TRAVEL_HEADERS = ['content-encoding', 'content-length', 'transfer-encoding'];

export function createFileKeeper(site: SiteFiles, { baseUrl, caches, fetch }: KeeperPorts): FileKeeper {
  // Other sites may share the origin, as projects of one person do on some hosts.
  const cachePrefix = `windowbox ${baseUrl} `;
  const cacheName = cachePrefix + site.version;
  const fileOf = new Map([...site.page, ...site.ahead, ...site.onUse].map((file) => [file.path, file]));
  const urlOf = ({ path }: SiteFile) => new URL(path, baseUrl).href;

  async function listCacheNames(): Promise<string[]> {
    return (await caches.keys()).filter((name) => name.startsWith(cachePrefix));
  }

  async function findKept(file: SiteFile): Promise<Response | undefined> {
    return await (await caches.open(cacheName)).match(urlOf(file), { ignoreVary: true });
  }

  /** @returns the response anew, kept where its bytes are those of the list and there is room. */
  async function keep(file: SiteFile, response: Response): Promise<{ response: Response; isKept: boolean }> {
    const bytes = await response.arrayBuffer();
    const headers = new Headers(response.headers);
    for (const name of TRAVEL_HEADERS) headers.delete(name);
    const copy = () => new Response(bytes, { status: 200, headers });
    if ((await sha256(bytes)) !== file.sha256) return { response: copy(), isKept: false };
    const putting = caches.open(cacheName).then((cache) => cache.put(urlOf(file), copy()));
    const isKept = await putting.then(
      () => true,
      () => false,
    );
    return { response: copy(), isKept };
  }

  /** From a version before, when the file is still the same. */
  async function takeOver(file: SiteFile): Promise<boolean> {
    for (const name of await listCacheNames()) {
      const response = await (await caches.open(name)).match(urlOf(file), { ignoreVary: true });
      if (response && (await keep(file, response)).isKept) return true;
    }
    return false;
  }

  async function fetchAndKeep(file: SiteFile): Promise<void> {
    if (await takeOver(file)) return;
    for (const cache of waysToFetch(file)) {
      const response = await fetch(urlOf(file), { cache });
      if (response.ok && (await keep(file, response)).isKept) return;
    }
    throw new Error(`${file.path} could not be kept as this version has it.`);
  }

  /** What is being kept ahead, by path: whoever wants it meanwhile waits instead of fetching it a second time. */
  const underWay = new Map<string, Promise<void>>();

  async function networkFirst(file: SiteFile): Promise<Response> {
    const kept = await findKept(file);
    const silence = new AbortController();
    // Only silence is given up on: a slow network that has begun to answer is waited for.
    const timer = kept && setTimeout(() => silence.abort(), NETWORK_LIMIT_MS);
    try {
      const response = await fetch(urlOf(file), { cache: 'no-cache', signal: silence.signal });
      clearTimeout(timer);
      return response.ok ? (await keep(file, response)).response : response;
    } catch (thrown) {
      if (kept) return kept;
      throw thrown;
    }
  }

  async function cacheFirst(file: SiteFile, isKeptRefused: boolean): Promise<Response> {
    await underWay.get(file.path)?.catch(() => undefined);
    const kept = isKeptRefused ? undefined : await findKept(file);
    if (kept) return kept;
    await (await caches.open(cacheName)).delete(urlOf(file), { ignoreVary: true });
    const [usual] = waysToFetch(file);
    const response = await fetch(urlOf(file), { cache: isKeptRefused ? PAST_THE_CACHE : usual });
    if (!response.ok) return response;
    return (await keep(file, response)).response;
  }

  function dress(response: Response): Response {
    const missing = Object.entries(site.headers).filter(([name]) => !response.headers.has(name));
    if (missing.length === 0 || response.status === 0) return response;
    const headers = new Headers(response.headers);
    for (const [name, value] of missing) headers.set(name, value);
    return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
  }

  return {
    async keepPage() {
      for (const file of site.page) await fetchAndKeep(file);
    },
    async keepAhead() {
      for (const file of site.ahead) {
        const keeping = findKept(file)
          .then((kept) => (kept ? undefined : fetchAndKeep(file)))
          .finally(() => underWay.delete(file.path));
        underWay.set(file.path, keeping);
        await keeping.catch(() => undefined);
      }
    },
    async forgetOldVersions() {
      // In the order in which they were made.
      const others = (await listCacheNames()).filter((name) => name !== cacheName);
      await Promise.all(others.slice(0, -1).map((name) => caches.delete(name)));
    },
    answer({ url, cache }) {
      const path = pathBelow(url, baseUrl);
      const file = path === null ? undefined : fileOf.get(path || 'index.html');
      if (!file) return null;
      const answer = isCheckedByName(file.path) ? cacheFirst(file, cache === 'reload') : networkFirst(file);
      // Whatever goes wrong with keeping, a file that the network has is to be had.
      return answer.catch(() => fetch(url, { cache })).then(dress);
    },
  };
}

/**
 * Built files were just downloaded for the page, so the browser's own cache has them; a damaged copy there is asked for past it.
 * All else goes past it at once: it may be old, and a file of megabytes that two readers share through that cache can fail for
 * one of them when it does not fit.
 */
function waysToFetch({ path }: SiteFile): readonly [RequestCache, ...RequestCache[]] {
  return path.startsWith('assets/') ? ['default', PAST_THE_CACHE] : [PAST_THE_CACHE];
}

/** Names of built files hold a hash, and weights are compared with their card by whoever fetches them; all else may be new. */
function isCheckedByName(path: string): boolean {
  return path.startsWith('assets/') || path.endsWith('.safetensors');
}

function pathBelow(url: string, baseUrl: string): string | null {
  const { origin, pathname } = new URL(url);
  const address = origin + pathname;
  return address.startsWith(baseUrl) ? decodeURI(address.slice(baseUrl.length)) : null;
}

async function sha256(bytes: ArrayBuffer): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
