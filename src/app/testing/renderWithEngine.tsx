// Draws a part of the page on an engine that answers as it is told and records what it was asked.

import { act, render } from '@testing-library/react';
import type { ReactNode } from 'react';
import type { CommandHandlers, CommandName } from '../../protocol/commands.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import type { EngineClient } from '../../protocol/rpc.ts';
import { ActionsProvider } from '../panels/actionsContext.ts';
import { createActions } from '../store/actions.ts';
import { startNewLog } from '../store/eventLog.ts';
import { initialSettings, settingsStore } from '../store/settings.ts';
import { initialStudio, studioStore } from '../store/studio.ts';
import { smallRun } from './smallRun.ts';

export interface AskedEngine {
  readonly asked: { readonly name: CommandName; readonly params: unknown }[];
  /** Of one command, in order. */
  readonly askedOf: (name: CommandName) => unknown[];
  readonly send: (events: readonly EngineEvent[]) => void;
}

/** With the recorded run's catalog and data set; what is not answered resolves to nothing. */
export async function renderWithEngine(part: ReactNode, answers: Partial<CommandHandlers> = {}): Promise<AskedEngine> {
  startNewLog();
  studioStore.setState(initialStudio(), true);
  settingsStore.setState(initialSettings(), true);
  Object.defineProperty(HTMLElement.prototype, 'clientWidth', { configurable: true, get: () => 800 });
  const asked: AskedEngine['asked'][number][] = [];
  let send: AskedEngine['send'] = () => {};
  const all: Partial<CommandHandlers> = {
    start: async () => smallRun.backend,
    describeCatalog: async () => smallRun.catalog,
    ...answers,
  };
  const client: EngineClient = {
    call(name, params) {
      asked.push({ name, params });
      // TypeScript cannot follow one name through both the table and the parameters.
      const handle = all[name] as ((params: unknown, signal: unknown) => Promise<never>) | undefined;
      const result = handle ? handle(params, { aborted: false }) : (Promise.resolve({}) as Promise<never>);
      return { result, cancel: () => {} };
    },
  };
  const actions = createActions((onEvents) => {
    send = onEvents;
    return { client, terminate: () => {} };
  });
  await actions.start('auto');
  studioStore.setState({ dataset: smallRun.dataset });
  await act(async () => {
    render(<ActionsProvider value={actions}>{part}</ActionsProvider>);
  });
  return {
    asked,
    askedOf: (name) => asked.filter((one) => one.name === name).map(({ params }) => params),
    send: (events) => send(events),
  };
}
