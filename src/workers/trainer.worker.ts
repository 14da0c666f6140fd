// Where all training runs: composes the browser platform, the backend and the session, and serves commands.

import { createDecoderPool } from '../engine/platform/browser/decoderPool.ts';
import { createFetchHub } from '../engine/platform/browser/fetchHub.ts';
import { createFetchWeights } from '../engine/platform/browser/fetchWeights.ts';
import { createOpfsStore } from '../engine/platform/browser/opfsStore.ts';
import { createStorageMeter } from '../engine/platform/browser/storageMeter.ts';
import { createWebLock } from '../engine/platform/browser/webLock.ts';
import { createSession } from '../engine/session.ts';
import { createEventBatcher } from '../protocol/eventBatcher.ts';
import type { EngineEvent } from '../protocol/events.ts';
import { serveEngine } from '../protocol/rpc.ts';
import { startExecutor } from './startExecutor.ts';

const clock = { nowMs: () => performance.now() };
/** The built worker lies in assets/, one folder below the page; the development server keeps sources elsewhere. */
const siteUrl = new URL(import.meta.env.DEV ? '/' : '../', self.location.href);
const createDecodeWorker = () => new Worker(new URL('./decode.worker.ts', import.meta.url), { type: 'module' });

// Filled by serveEngine below; no event can be added before a command has come through that same door.
let sendEvents: (batch: readonly EngineEvent[]) => void = () => {};

sendEvents = serveEngine(
  self,
  createSession({
    platform: {
      clock,
      decoder: createDecoderPool(createDecodeWorker, navigator.hardwareConcurrency),
      weights: createFetchWeights(new URL('weights/', siteUrl).href),
      hub: createFetchHub(),
      store: createOpfsStore(),
      meter: createStorageMeter(siteUrl.href),
      soleKeeper: createWebLock('windowbox work'),
    },
    events: createEventBatcher((batch) => sendEvents(batch), clock.nowMs),
    startBackend: (order) => startExecutor(order, clock.nowMs),
  }),
);
