// One public file from a hub that speaks Hugging Face's addresses, or a mirror of it, by plain HTTP (decision 0013): which commit, which
// checksum, then the file of that commit, gone on with where a connection broke. No cookie, no referrer, and no byte is given out unchecked.

import type { CancelSignal } from '../../../protocol/commands.ts';
import { EngineError } from '../../../protocol/errors.ts';
import { formatSize } from '../../formatSize.ts';
import { sha256Of } from '../../sha256.ts';
import type { HubRequest, WeightsHub } from '../ports.ts';
import { createHubSentences, type HubSentences } from './hubSentences.ts';

export interface HubPace {
  /** Before a broken download is gone on with; twice as long each time. */
  readonly pauseMs: number;
  /** A connection that brings nothing for so long is broken. */
  readonly silenceMs: number;
}

const PACE: HubPace = { pauseMs: 1000, silenceMs: 30_000 };
/** How often it is looked whether the person stopped. */
const WATCH_MS = 50;
const MOST_CONTINUATIONS = 3;
/** A folder of a model's repository lists some dozen files in 300 bytes each. */
const LONGEST_ANSWER_BYTES = 2 ** 20;

const HTTP = { partialContent: 206, rangeNotSatisfiable: 416, serverError: 500 } as const;

/** A request that ended before its answer did, for whatever reason; what had come until then stays. */
class BrokenConnection extends Error {}

export function createFetchHub(pace: HubPace = PACE): WeightsHub {
  return {
    async fetchFile(request, signal, tellProgress) {
      const address = readAddress(request.hubUrl);
      const visit: Visit = { address, request, signal, pace, sentences: createHubSentences(address.host, request) };
      // Where there are no checksums nothing could be kept, so nothing is fetched.
      await sha256Of(new Uint8Array());
      const commit = await findCommit(visit);
      const listed = await findFile(visit, commit);
      const bytes = await download(visit, commit, listed.sizeBytes, tellProgress);
      if ((await sha256Of(bytes)) !== listed.sha256) throw visit.sentences.otherChecksum();
      return { host: address.host, commit, bytes };
    },
  };
}

/** What every request of one fetch needs. */
interface Visit {
  readonly address: HubAddress;
  readonly request: HubRequest;
  readonly signal: CancelSignal;
  readonly pace: HubPace;
  readonly sentences: HubSentences;
}

interface HubAddress {
  readonly host: string;
  /** Without a closing slash; a mirror may lie in a folder of its host. */
  readonly base: string;
}

/** Throws EngineError 'settingInvalid'. */
function readAddress(text: string): HubAddress {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') {
    throw new EngineError(
      'settingInvalid',
      `“${text.slice(0, 80)}” is no address of a hub: one begins with https:// or http:// and has no name and password in it. Nothing was fetched. Write one such as https://huggingface.co.`,
    );
  }
  return { host: url.host, base: `${url.origin}${url.pathname.replace(/\/+$/, '')}` };
}

async function findCommit(visit: Visit): Promise<string> {
  const answer = await askJson(visit, `api/models/${visit.request.repository}/revision/main`);
  const commit = isRecord(answer) ? answer.sha : null;
  if (typeof commit !== 'string' || !/^[0-9a-f]{40}$/.test(commit)) throw visit.sentences.notAHub();
  return commit;
}

/** Listed at the commit and not at `main`, which may move between two requests. */
async function findFile(
  visit: Visit,
  commit: string,
): Promise<{ readonly sizeBytes: number; readonly sha256: string }> {
  const { request, sentences } = visit;
  const answer = await askJson(visit, `api/models/${request.repository}/tree/${commit}?recursive=false`);
  if (!Array.isArray(answer)) throw sentences.notAHub();
  const entry: unknown = answer.find((one) => isRecord(one) && one.path === request.fileName);
  if (!isRecord(entry)) throw sentences.noSuchFile();
  const { size, lfs } = entry;
  if (typeof size !== 'number' || !Number.isSafeInteger(size) || size <= 0) throw sentences.notAHub();
  if (size > request.mostBytes) throw sentences.tooLarge(size);
  const sha256 = isRecord(lfs) ? lfs.oid : null;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) throw sentences.noChecksum();
  return { sizeBytes: size, sha256 };
}

async function askJson(visit: Visit, path: string): Promise<unknown> {
  const { sentences } = visit;
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    await receive(visit, path, {}, (response) => {
      refuseFailure(response, sentences);
      return (chunk) => {
        chunks.push(chunk);
        length += chunk.byteLength;
        if (length > LONGEST_ANSWER_BYTES) throw sentences.notAHub();
      };
    });
  } catch (thrown) {
    throw thrown instanceof BrokenConnection ? sentences.unreachable(visit.address.base) : thrown;
  }
  try {
    return JSON.parse(await new Blob(chunks as BlobPart[]).text());
  } catch {
    throw sentences.notAHub();
  }
}

interface Received {
  readonly bytes: Uint8Array<ArrayBuffer>;
  count: number;
}

async function download(
  visit: Visit,
  commit: string,
  sizeBytes: number,
  tellProgress: (doneBytes: number, totalBytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const { signal, sentences, pace } = visit;
  const received: Received = { bytes: makeRoom(sizeBytes), count: 0 };
  const onBytes = () => tellProgress(received.count, sizeBytes);
  onBytes();
  for (let breaks = 0; ; breaks++) {
    const isEnded = await receiveRest(visit, commit, received, onBytes);
    if (received.count === sizeBytes) return received.bytes;
    if (breaks === MOST_CONTINUATIONS) {
      if (received.count === 0) throw sentences.noFileServer();
      throw isEnded ? sentences.otherSize(sizeBytes) : sentences.broken(received.count, sizeBytes);
    }
    await pause(pace.pauseMs * 2 ** breaks, signal);
  }
}

/** From where it stopped; from the start where the server knows no ranges. False when the connection broke. */
async function receiveRest(visit: Visit, commit: string, received: Received, onBytes: () => void): Promise<boolean> {
  const { request, sentences } = visit;
  const { bytes, count: start } = received;
  const path = `${request.repository}/resolve/${commit}/${request.fileName}`;
  // 'bytes=N-' alone is a header that browsers send to other origins without asking them first.
  const headers: HeadersInit = start > 0 ? { Range: `bytes=${start}-` } : {};
  try {
    await receive(visit, path, headers, (response) => {
      // Servers come back; the next try says whether.
      if (response.status >= HTTP.serverError && start > 0) throw new BrokenConnection();
      if (response.status === HTTP.rangeNotSatisfiable) throw sentences.otherSize(bytes.byteLength);
      refuseFailure(response, sentences);
      if (/^text\/html\b/.test(response.headers.get('content-type') ?? '')) throw sentences.notAHub();
      if (response.status !== HTTP.partialContent) received.count = 0;
      return (chunk) => {
        if (received.count + chunk.byteLength > bytes.byteLength) throw sentences.otherSize(bytes.byteLength);
        bytes.set(chunk, received.count);
        received.count += chunk.byteLength;
        onBytes();
      };
    });
    return true;
  } catch (thrown) {
    if (thrown instanceof BrokenConnection) return false;
    throw thrown;
  }
}

/**
 * One request and its whole answer, piece by piece.
 * @param take looks at the answer's head and gives what takes its pieces; what either throws ends the request
 * @throws BrokenConnection, EngineError 'cancelled'
 */
async function receive(
  { address, signal, pace, sentences }: Visit,
  path: string,
  headers: HeadersInit,
  take: (response: Response) => (chunk: Uint8Array) => void,
): Promise<void> {
  const controller = new AbortController();
  let heardMs = performance.now();
  const watch = setInterval(() => {
    if (signal.aborted || performance.now() - heardMs > pace.silenceMs) controller.abort();
  }, WATCH_MS);
  /** What comes from the network's side; anything else is thrown as it is. */
  const orBroken = (): never => {
    throw signal.aborted ? sentences.stopped() : new BrokenConnection();
  };
  try {
    if (signal.aborted) throw sentences.stopped();
    const response = await fetch(`${address.base}/${path}`, {
      headers,
      signal: controller.signal,
      mode: 'cors',
      credentials: 'omit',
      referrerPolicy: 'no-referrer',
      // It is kept in the studio's own storage; the browser's cache would hold it a second time.
      cache: 'no-store',
    }).catch(orBroken);
    const takeChunk = take(response);
    const reader = response.body?.getReader();
    for (;;) {
      const piece = await reader?.read().catch(orBroken);
      if (!piece || piece.done) return;
      heardMs = performance.now();
      takeChunk(piece.value);
    }
  } finally {
    clearInterval(watch);
    controller.abort();
  }
}

function refuseFailure({ ok, status }: Response, sentences: HubSentences): void {
  if (!ok) throw sentences.refused(status);
}

async function pause(ms: number, signal: CancelSignal): Promise<void> {
  const endMs = performance.now() + ms;
  while (performance.now() < endMs && !signal.aborted) {
    await new Promise<void>((resolve) => setTimeout(resolve, WATCH_MS));
  }
}

function makeRoom(sizeBytes: number): Uint8Array<ArrayBuffer> {
  try {
    return new Uint8Array(sizeBytes);
  } catch {
    throw new EngineError(
      'outOfMemory',
      `There is no room in this page’s memory for a file of ${formatSize(sizeBytes)}. Nothing was fetched. Close what you do not need and try again, or choose a smaller network.`,
    );
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
