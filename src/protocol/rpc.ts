// The one door between page and worker: commands with results, errors and cancel, and batched events back.
// birpc carries the messages; this file only ties names to types. No timeout: training takes as long as it takes. Long lists go over in
// parts: to hand 20,000 files over at once keeps the page still for seconds.

import { createBirpc } from 'birpc';
import type { CancelSignal, CommandHandlers, CommandName, CommandParams, CommandResult } from './commands.ts';
import { EngineError, type EngineErrorData, toEngineErrorData } from './errors.ts';
import type { EngineEvent } from './events.ts';

/** A port that structured-clones what it is given: a Worker, a worker's own scope, a MessagePort. */
export interface MessageChannelLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

/** A command on its way: its result, and a way to stop it. */
export interface Call<Result> {
  readonly result: Promise<Result>;
  /** Asks the engine to stop. The result still settles: as 'stopped', or with the error code 'cancelled'. */
  cancel(): void;
}

export interface EngineClient {
  call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Call<CommandResult<Name>>;
}

type Reply = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: EngineErrorData };

interface WorkerFunctions {
  /** A part of a long list of a command that is still to come. */
  take(callId: number, key: string, part: readonly unknown[]): void;
  run(callId: number, name: CommandName, params: object): Promise<Reply>;
  cancel(callId: number): void;
}

/** Longer lists are handed over in parts of so many: a browser copies some hundred files in a few milliseconds. */
export const ITEMS_AT_ONCE = 250;

interface PageFunctions {
  events(batch: readonly EngineEvent[]): void;
}

function channelOptions(port: MessageChannelLike) {
  return {
    post: (message: unknown) => port.postMessage(message),
    on: (listener: (message: unknown) => void) => port.addEventListener('message', (event) => listener(event.data)),
    timeout: -1,
  };
}

/** The page's side of the door. `onEvents` gets every batch in order. */
export function connectToEngine(
  port: MessageChannelLike,
  onEvents: (batch: readonly EngineEvent[]) => void,
): EngineClient {
  const worker = createBirpc<WorkerFunctions, PageFunctions>(
    { events: onEvents },
    { ...channelOptions(port), eventNames: ['cancel'] },
  );
  let nextCallId = 1;

  /** The worker's answer to each part is waited for, and the page can do other things meanwhile. */
  async function sendLongLists(callId: number, name: CommandName, params: object): Promise<Reply> {
    const short: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(params)) {
      if (!isLongList(value)) {
        short[key] = value;
        continue;
      }
      for (let at = 0; at < value.length; at += ITEMS_AT_ONCE) {
        await worker.take(callId, key, value.slice(at, at + ITEMS_AT_ONCE));
      }
    }
    return await worker.run(callId, name, short);
  }

  return {
    call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Call<CommandResult<Name>> {
      const callId = nextCallId++;
      const sent = hasLongList(params) ? sendLongLists(callId, name, params) : worker.run(callId, name, params);
      const result = sent.then((reply) => {
        if (!reply.ok) throw new EngineError(reply.error.code, reply.error.sentence);
        // The worker answers with the result type of the command that was named in this same call.
        return reply.value as CommandResult<Name>;
      });
      return {
        result,
        cancel() {
          void worker.cancel(callId);
        },
      };
    },
  };
}

function isLongList(value: unknown): value is readonly unknown[] {
  return Array.isArray(value) && value.length > ITEMS_AT_ONCE;
}

function hasLongList(params: object): boolean {
  return Object.values(params).some(isLongList);
}

/** The worker's side of the door. Returns the function that sends a batch of events to the page. */
export function serveEngine(
  port: MessageChannelLike,
  handlers: CommandHandlers,
): (batch: readonly EngineEvent[]) => void {
  const running = new Map<number, { aborted: boolean }>();
  const taken = new Map<number, Record<string, unknown[]>>();

  function take(callId: number, key: string, part: readonly unknown[]): void {
    // It can be stopped from its first part on.
    if (!running.has(callId)) running.set(callId, { aborted: false });
    const lists = taken.get(callId) ?? {};
    taken.set(callId, lists);
    lists[key] ??= [];
    for (const item of part) lists[key].push(item);
  }

  async function run(callId: number, name: CommandName, short: object): Promise<Reply> {
    const signal = running.get(callId) ?? { aborted: false };
    running.set(callId, signal);
    const params = { ...short, ...taken.get(callId) };
    taken.delete(callId);
    try {
      // `params` belongs to `name`: both come from one typed call() on the other side.
      const handler = handlers[name] as (params: unknown, signal: CancelSignal) => Promise<unknown>;
      return { ok: true, value: await handler(params, signal) };
    } catch (thrown) {
      return { ok: false, error: toEngineErrorData(thrown) };
    } finally {
      running.delete(callId);
    }
  }

  function cancel(callId: number): void {
    const signal = running.get(callId);
    if (signal) signal.aborted = true;
  }

  const page = createBirpc<PageFunctions, WorkerFunctions>(
    { take, run, cancel },
    { ...channelOptions(port), eventNames: ['events'] },
  );
  return (batch) => void page.events(batch);
}
