import { afterEach, describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { HUB_COMMIT, type HubServer, type HubServerOptions, startHubServer } from '../../testing/hubServer.ts';
import { createFetchHub } from './fetchHub.ts';

const REPOSITORY = 'timm/resnet34.tv_in1k';
const FILE = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251);
const TREE = `/api/models/${REPOSITORY}/tree/${HUB_COMMIT}?recursive=false`;
const REVISION = `/api/models/${REPOSITORY}/revision/main`;
const RESOLVE = `/${REPOSITORY}/resolve/${HUB_COMMIT}/model.safetensors`;

const servers: HubServer[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

async function start(options: Partial<HubServerOptions> = {}): Promise<HubServer> {
  const server = await startHubServer({ repository: REPOSITORY, file: FILE, ...options });
  servers.push(server);
  return server;
}

const GO_ON = { aborted: false };

function fetchFrom(
  hubUrl: string,
  { signal = GO_ON, tell = (_done: number, _total: number) => {}, silenceMs = 5000 } = {},
) {
  const request = { hubUrl, repository: REPOSITORY, fileName: 'model.safetensors', mostBytes: 2 ** 30 };
  return createFetchHub({ pauseMs: 1, silenceMs }).fetchFile(request, signal, tell);
}

test('a file comes at a commit, by way of the server that the hub sends it from, and nothing of the person goes there', async () => {
  const server = await start();
  const told: number[] = [];
  const { host, commit, bytes } = await fetchFrom(`${server.address}/`, { tell: (done) => told.push(done) });
  expect(Buffer.compare(bytes, FILE)).toBe(0);
  expect({ host, commit }).toEqual({ host: server.address.slice('http://'.length), commit: HUB_COMMIT });
  expect(server.asked).toEqual([REVISION, TREE, RESOLVE, '/stored']);
  expect([told[0], told.at(-1)]).toEqual([0, FILE.byteLength]);
  expect(told).toEqual([...told].sort((a, b) => a - b));
  for (const header of server.headers) {
    expect(Object.keys(header)).not.toEqual(expect.arrayContaining(['cookie']));
    expect(header).not.toHaveProperty('referer');
    expect(header).not.toHaveProperty('authorization');
  }
});

describe('a connection that breaks', () => {
  test('is gone on with from where it stopped', async () => {
    const server = await start({ breaksAt: [100_000, 250_000, 250_100] });
    expect(Buffer.compare((await fetchFrom(server.address)).bytes, FILE)).toBe(0);
    const files = server.asked.filter((path) => path.startsWith('/stored'));
    expect(files).toEqual(['/stored', '/stored bytes=100000-', '/stored bytes=250000-', '/stored bytes=250100-']);
  });

  test('starts over where the server knows no ranges', async () => {
    const server = await start({ breaksAt: [100_000], hasRanges: false });
    expect(Buffer.compare((await fetchFrom(server.address)).bytes, FILE)).toBe(0);
  });

  test('is noticed when nothing more comes', async () => {
    const server = await start({ breaksAt: [100_000], breaks: 'silent' });
    expect(Buffer.compare((await fetchFrom(server.address, { silenceMs: 200 })).bytes, FILE)).toBe(0);
    expect(server.asked.at(-1)).toBe('/stored bytes=100000-');
  });

  test('is given up at the fourth time', async () => {
    const server = await start({ breaksAt: [100, 200, 300, 4000, 5000] });
    await expect(fetchFrom(server.address)).rejects.toThrow(
      /^The connection to 127\.0\.0\.1:\d+ broke again and again, the last time after 4\.0 kB of 300 kB\. Nothing was kept\. Check the connection and try again, or download model/,
    );
  });
});

test('a file server that never answers is told from the hub', async () => {
  const server = await start({ breaksAt: [0, 0, 0, 0] });
  await expect(fetchFrom(server.address)).rejects.toThrow(
    'from another server, which could not be reached. Nothing was kept.',
  );
});

test('a person stops it while it comes', async () => {
  const server = await start({ breaksAt: [100_000], breaks: 'silent' });
  const signal = { aborted: false };
  const fetching = fetchFrom(server.address, {
    signal,
    tell: (done) => {
      if (done > 0) signal.aborted = true;
    },
  });
  await expect(fetching).rejects.toMatchObject({
    code: 'cancelled',
    message: 'Fetching was stopped. Nothing was kept.',
  });
});

test('an address that is none asks nobody', async () => {
  for (const text of ['', 'huggingface.co', 'ftp://example.org', 'file:///etc', 'https://me:secret@example.org']) {
    await expect(fetchFrom(text)).rejects.toMatchObject({ code: 'settingInvalid' });
  }
});

test('nobody there is a sentence', async () => {
  const server = await start();
  await server.close();
  await expect(fetchFrom(server.address)).rejects.toThrow(
    /could not be reached: there is no connection, .* not served with \(WINDOWBOX_HUBS\)\. Nothing was kept\. Check/,
  );
});

const answering = (path: string, status: number, body = '', type = 'application/json') => ({
  instead: (asked: string) => (asked === path ? { status, body, type } : null),
});
const page = '<!doctype html><title>Sign in</title>';
const OTHER = 'ab'.repeat(32);

describe('what a hub can do wrong is a sentence that says what to do', () => {
  test.each<[string, Partial<HubServerOptions>, string, RegExp | string]>([
    [
      'keeps it for some',
      answering(REVISION, 401),
      'weightsUnavailable',
      /or gives it only to people who have signed in there \(answer 401\)\. Nothing/,
    ],
    [
      'forbids it',
      answering(RESOLVE, 403),
      'weightsUnavailable',
      'if you may have the file, download model.safetensors',
    ],
    [
      'does not know it',
      answering(REVISION, 404),
      'weightsUnavailable',
      'has no model.safetensors of timm/resnet34.tv_in1k (answer 404)',
    ],
    ['is busy', answering(TREE, 429), 'weightsUnavailable', 'Wait some minutes and try again'],
    ['fails', answering('/stored', 500), 'weightsUnavailable', 'failed (answer 500)'],
    ['sends a page', answering(REVISION, 200, page, 'text/html'), 'weightsUnavailable', 'not as a hub does'],
    [
      'sends a page for the file',
      answering('/stored', 200, page, 'text/html; charset=utf-8'),
      'weightsUnavailable',
      'not as a hub does',
    ],
    ['answers without end', answering(REVISION, 200, 'x'.repeat(2 ** 21)), 'weightsUnavailable', 'not as a hub does'],
    ['names no commit', answering(REVISION, 200, '{"sha":"main"}'), 'weightsUnavailable', 'not as a hub does'],
    ['lists nothing', answering(TREE, 200, '{}'), 'weightsUnavailable', 'not as a hub does'],
    ['lists nonsense', answering(TREE, 200, '[null,7]'), 'weightsUnavailable', 'has no model.safetensors'],
    ['has no such file', { listed: { path: 'pytorch_model.bin' } }, 'weightsUnavailable', 'has no model.safetensors'],
    ['has a negative size', { listed: { size: -1 } }, 'weightsUnavailable', 'not as a hub does'],
    ['names no checksum', { listed: { lfs: null } }, 'weightsUnavailable', 'names no checksum'],
    ['has a shorter file', { listed: { size: 400_000 } }, 'weightsDamaged', 'is not the 400 kB that it says'],
    ['has a longer file', { listed: { size: 1000 } }, 'weightsDamaged', 'is not the 1.0 kB that it says'],
    [
      'always ends early',
      { breaksAt: [9, 9, 9, 9], breaks: 'ended', hasRanges: false },
      'weightsDamaged',
      'is not the 300 kB',
    ],
    ['has another file', { listed: { lfs: { oid: OTHER } } }, 'weightsDamaged', 'its checksum is another one'],
  ])('that %s', async (_, options, code, sentence) => {
    const server = await start(options);
    const thrown: unknown = await fetchFrom(server.address).catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(EngineError);
    expect(thrown).toMatchObject({
      code,
      message: typeof sentence === 'string' ? expect.stringContaining(sentence) : expect.stringMatching(sentence),
    });
    expect((thrown as EngineError).message).toContain('Nothing was kept.');
    expect((thrown as EngineError).message).toMatch(/drop (it|another checkpoint of this network) here\.$/);
  });

  test('that has more than is read here, before any of it is fetched', async () => {
    const server = await start({ listed: { size: 2 ** 30 + 1 } });
    await expect(fetchFrom(server.address)).rejects.toThrow('so it was not fetched');
    expect(server.asked).toEqual([REVISION, TREE]);
  });
});
