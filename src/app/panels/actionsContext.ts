// What every panel is handed: the actions, through a context.

import { createContext, useContext } from 'react';
import type { Actions } from '../store/actions.ts';

/** Null where a part is drawn without a page around it. */
export const ActionsContext = createContext<Actions | null>(null);
export const ActionsProvider = ActionsContext.Provider;

export function useActions(): Actions {
  const actions = useContext(ActionsContext);
  if (!actions) throw new Error('A panel is drawn outside ActionsProvider.');
  return actions;
}
