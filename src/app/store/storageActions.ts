// What a person does about the browser's storage: see what lies there, and free it thing by thing.

import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import { formatBytes } from '../ui/formatNumbers.ts';
import { takeCatalog } from './networkActions.ts';
import { studioStore } from './studio.ts';

/** How long something that is to be deleted can be kept after all. */
const UNDO_MS = 8000;

export interface StorageActions {
  /** Looks at what is kept and how large it is, beside whatever runs. */
  measureStorage(): Promise<void>;
  /**
   * Deletes a stored thing by its id, after a few seconds in which `keepStored` takes that back. What was to go before it goes at once.
   */
  freeStored(id: string): void;
  keepStored(): void;
}

interface Channel {
  /** Beside whatever runs; null without an engine. */
  ask<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name> | null>;
  showProblem(thrown: unknown): void;
}

export function createStorageActions({ ask, showProblem }: Channel): StorageActions {
  let timer: ReturnType<typeof setTimeout> | undefined;

  async function measureStorage(): Promise<void> {
    // An engine that is gone says so itself; what was seen last stays.
    const storage = await ask('measureStorage', {}).catch(() => null);
    if (storage) studioStore.setState({ storage });
  }

  async function free(id: string): Promise<void> {
    const thing = studioStore.getState().storage?.things.find((one) => one.id === id);
    try {
      const answer = await ask('freeStorage', { id });
      if (!answer) return;
      const { storage, work, runs, catalog } = answer;
      const { kept } = studioStore.getState();
      const size = thing?.sizeBytes ? `, ${formatBytes(thing.sizeBytes)}` : '';
      studioStore.setState({
        storage,
        freed: thing ? `Freed: ${thing.label}${size}.` : null,
        ...(kept ? { kept: { ...kept, work, runs } } : {}),
      });
      takeCatalog(catalog);
    } catch (thrown) {
      showProblem(thrown);
      await measureStorage();
    }
  }

  /** What was to go is forgotten. */
  function takeLeaving(): string | null {
    clearTimeout(timer);
    const { leavingId } = studioStore.getState();
    studioStore.setState({ leavingId: null });
    return leavingId;
  }

  return {
    measureStorage,
    freeStored(id) {
      const before = takeLeaving();
      if (before !== null) void free(before);
      studioStore.setState({ leavingId: id, freed: null });
      timer = setTimeout(() => {
        const now = takeLeaving();
        if (now !== null) void free(now);
      }, UNDO_MS);
    },
    keepStored() {
      takeLeaving();
    },
  };
}
