// The page's only `new Worker`. Ties it to the typed protocol and tells when it dies.

import type { EngineEvent } from '../protocol/events.ts';
import { connectToEngine, type EngineClient } from '../protocol/rpc.ts';

export interface Engine {
  readonly client: EngineClient;
  terminate(): void;
}

export type StartEngine = (onEvents: (batch: readonly EngineEvent[]) => void, onCrash: () => void) => Engine;

/** Starts the trainer worker. `onCrash` is called when the worker fails outside any command; its calls never settle then. */
export const startEngine: StartEngine = (onEvents, onCrash) => {
  const worker = new Worker(new URL('../workers/trainer.worker.ts', import.meta.url), { type: 'module' });
  worker.addEventListener('error', onCrash);
  worker.addEventListener('messageerror', onCrash);
  return { client: connectToEngine(worker, onEvents), terminate: () => worker.terminate() };
};
