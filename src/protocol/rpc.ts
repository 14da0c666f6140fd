// The one door between page and worker: commands with results, errors and cancel, and batched events back.
// birpc carries the messages; this file only ties names to types. No timeout: training takes as long as it takes.

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
  run(callId: number, name: CommandName, params: unknown): Promise<Reply>;
  cancel(callId: number): void;
}

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
  return {
    call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Call<CommandResult<Name>> {
      const callId = nextCallId++;
      const result = worker.run(callId, name, params).then((reply) => {
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

/** The worker's side of the door. Returns the function that sends a batch of events to the page. */
export function serveEngine(
  port: MessageChannelLike,
  handlers: CommandHandlers,
): (batch: readonly EngineEvent[]) => void {
  const running = new Map<number, { aborted: boolean }>();

  async function run(callId: number, name: CommandName, params: unknown): Promise<Reply> {
    const signal = { aborted: false };
    running.set(callId, signal);
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
    { run, cancel },
    { ...channelOptions(port), eventNames: ['events'] },
  );
  return (batch) => void page.events(batch);
}
