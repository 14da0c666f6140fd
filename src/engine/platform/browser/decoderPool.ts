// A few decode workers behind the PictureDecoder port. Pixels come back transferred, not copied.

import { EngineError, type EngineErrorData } from '../../../protocol/errors.ts';
import type { DecodedPicture, MeasuredPicture, PictureDecoder } from '../ports.ts';

export type DecodeRequest = { readonly id: number; readonly file: Blob } & (
  | { readonly kind: 'measure' }
  | { readonly kind: 'centreSquare' | 'whole' | 'squashed'; readonly sizePx: number }
);

export type DecodeReply =
  | { readonly id: number; readonly ok: true; readonly value: MeasuredPicture | DecodedPicture }
  | { readonly id: number; readonly ok: false; readonly error: EngineErrorData };

interface Waiting {
  readonly resolve: (value: MeasuredPicture | DecodedPicture) => void;
  readonly reject: (error: EngineError) => void;
}

/** More workers than this never helped: the browser decodes on threads of its own. */
const MAX_WORKERS = 4;
/** Enough requests in flight that a worker never waits for the next file. */
const REQUESTS_PER_WORKER = 2;

/** @param createWorker makes one decode worker; @param coreCount what the machine says it has. */
export function createDecoderPool(createWorker: () => Worker, coreCount: number): PictureDecoder {
  const workerCount = Math.max(1, Math.min(MAX_WORKERS, coreCount - 1));
  const waiting = new Map<number, Waiting>();
  const workers: Worker[] = [];
  let nextId = 0;

  function receive({ data }: MessageEvent<DecodeReply>): void {
    const request = waiting.get(data.id);
    waiting.delete(data.id);
    if (data.ok) request?.resolve(data.value);
    else request?.reject(new EngineError(data.error.code, data.error.sentence));
  }

  function ask(request: DistributiveOmit<DecodeRequest, 'id'>): Promise<MeasuredPicture | DecodedPicture> {
    const id = nextId++;
    if (workers.length < workerCount) {
      const worker = createWorker();
      worker.addEventListener('message', receive);
      workers.push(worker);
    }
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      (workers[id % workers.length] as Worker).postMessage({ ...request, id });
    });
  }

  return {
    concurrency: workerCount * REQUESTS_PER_WORKER,
    // The worker answers each kind of request with the type that belongs to it.
    measure: (file) => ask({ kind: 'measure', file }) as Promise<MeasuredPicture>,
    decodeCentreSquare: (file, sizePx) => ask({ kind: 'centreSquare', file, sizePx }) as Promise<DecodedPicture>,
    decodeWhole: (file, sizePx) => ask({ kind: 'whole', file, sizePx }) as Promise<DecodedPicture>,
    decodeSquashed: (file, sizePx) => ask({ kind: 'squashed', file, sizePx }) as Promise<DecodedPicture>,
  };
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never;
