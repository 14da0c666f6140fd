// @ts-check
// Watches how much memory a page and its workers take in JavaScript: objects, and the buffers that belong to them; and how much the page
// keeps in the browser's storage. Asked once a second through the browser's own debugging protocol; the page knows nothing of it.

const everyMs = 1000;

/**
 * @typedef {object} HeapPeak
 * @property {string} name 'page', or the name of the worker's file
 * @property {number} objectBytes
 * @property {number} bufferBytes of array buffers, beside the objects; the memory of a WebAssembly is not told
 * @property {number} seconds since the meter was started
 *
 * @typedef {object} StoragePeak
 * @property {number} storedBytes files and databases of the page's origin together
 * @property {number} seconds since the meter was started
 */

/** @param {string} url of a worker: the build puts a hash behind its name */
function nameOf(url) {
  return /([\w.]+?)(?:-[\w-]+)?\.[jt]s/.exec(url.slice(url.lastIndexOf('/') + 1))?.[1] ?? url;
}

export class HeapMeter {
  /** @type {Map<string, HeapPeak>} */
  #peaks = new Map();
  /** Asks and answers of each, by a number. @type {Map<number, (result: any) => void>} */
  #waiting = new Map();
  /** @type {Map<string, string>} names by the session of each worker */
  #workers = new Map();
  #nextId = 1;
  #startedMs = performance.now();
  /** @type {StoragePeak} */
  #storage = { storedBytes: 0, seconds: 0 };
  #origin = '';
  /** @type {NodeJS.Timeout | undefined} */
  #timer;

  /** @param {import('@playwright/test').CDPSession} session */
  constructor(session) {
    this.session = session;
  }

  /** @param {import('@playwright/test').Page} page the studio, open */
  static async start(page) {
    const session = await page.context().newCDPSession(page);
    const meter = new HeapMeter(session);
    meter.#origin = new URL(page.url()).origin;
    session.on('Target.attachedToTarget', ({ sessionId, targetInfo }) => {
      if (targetInfo.type === 'worker') meter.#workers.set(sessionId, nameOf(targetInfo.url));
    });
    session.on('Target.detachedFromTarget', ({ sessionId }) => meter.#workers.delete(sessionId));
    session.on('Target.receivedMessageFromTarget', ({ message }) => {
      const { id, result } = JSON.parse(message);
      meter.#waiting.get(id)?.(result);
      meter.#waiting.delete(id);
    });
    await session.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
    meter.#watch();
    return meter;
  }

  #watch() {
    this.#timer = setTimeout(async () => {
      await this.#look().catch(() => {}); // The page may be gone by now.
      if (this.#timer) this.#watch();
    }, everyMs);
    // A run that failed ends, whether somebody stopped its meter or not.
    this.#timer.unref();
  }

  async #look() {
    this.#note('page', await this.session.send('Runtime.getHeapUsage'));
    const { usage } = await this.session.send('Storage.getUsageAndQuota', { origin: this.#origin });
    if (usage > this.#storage.storedBytes) this.#storage = { storedBytes: usage, seconds: this.#seconds() };
    // One that computes answers late: nobody waits for it, and it is asked again once it has answered.
    for (const [sessionId, name] of this.#workers) {
      if (this.#waiting.size < this.#workers.size) this.#ask(sessionId, name);
    }
  }

  /**
   * @param {string} sessionId
   * @param {string} name
   */
  #ask(sessionId, name) {
    const id = this.#nextId++;
    this.#waiting.set(id, (usage) => usage && this.#note(name, usage));
    const message = JSON.stringify({ id, method: 'Runtime.getHeapUsage' });
    this.session.send('Target.sendMessageToTarget', { sessionId, message }).catch(() => this.#waiting.delete(id));
  }

  /**
   * @param {string} name
   * @param {{ usedSize: number, backingStorageSize?: number }} usage
   */
  #note(name, { usedSize, backingStorageSize = 0 }) {
    const before = this.#peaks.get(name);
    if (before && before.objectBytes + before.bufferBytes >= usedSize + backingStorageSize) return;
    this.#peaks.set(name, {
      name,
      objectBytes: usedSize,
      bufferBytes: backingStorageSize,
      seconds: this.#seconds(),
    });
  }

  #seconds() {
    return (performance.now() - this.#startedMs) / 1000;
  }

  /**
   * @returns {{ heaps: readonly HeapPeak[], storage: StoragePeak }} the most of each since the start; what came and went between two
   *   looks is not seen
   */
  stop() {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return { heaps: [...this.#peaks.values()], storage: this.#storage };
  }
}

const megabytes = (/** @type {number} */ bytes) => `${Math.round(bytes / 1e6)} MB`;

/** @param {HeapPeak} peak */
export function describePeak({ name, objectBytes, bufferBytes, seconds }) {
  return `memory of ${name}: ${megabytes(objectBytes + bufferBytes)} at most, ${megabytes(objectBytes)} of objects and ${megabytes(bufferBytes)} of buffers, after ${seconds.toFixed(0)} s`;
}

/** @param {StoragePeak} peak */
export function describeStoragePeak({ storedBytes, seconds }) {
  return `storage of the page: ${megabytes(storedBytes)} at most, after ${seconds.toFixed(0)} s`;
}
