// Whether the browser keeps what the studio stores when the disk runs full, and asking it to. Some browsers ask the person then: there it is
// asked by a press alone. Workers cannot ask, so the page does.

import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';

/** 'unknown' where the browser does not say; 'refused' where it was asked and did not promise it. */
export type Lasting = 'unknown' | 'clearable' | 'refused' | 'lasting';

interface LastingState {
  readonly lasting: Lasting;
  readonly wasAsked: boolean;
}

export function initialLasting(): LastingState {
  return { lasting: 'unknown', wasAsked: false };
}

export const lastingStore = createStore<LastingState>(initialLasting);

export function useLasting(): Lasting {
  return useStore(lastingStore, ({ lasting }) => lasting);
}

/** Asks nobody anything. */
export async function readLasting(): Promise<void> {
  const isLasting = await navigator.storage?.persisted?.().catch(() => null);
  if (typeof isLasting !== 'boolean') return;
  const { lasting } = lastingStore.getState();
  if (isLasting) lastingStore.setState({ lasting: 'lasting' });
  else if (lasting !== 'refused') lastingStore.setState({ lasting: 'clearable' });
}

/** By a press that names it: the browser may ask the person. */
export async function askToLast(): Promise<void> {
  const isLasting = await navigator.storage?.persist?.().catch(() => false);
  lastingStore.setState({ lasting: isLasting ? 'lasting' : 'refused', wasAsked: true });
}

/** Once something is kept: asks where that asks nobody, and only once. */
export async function askQuietly(): Promise<void> {
  if (lastingStore.getState().wasAsked || typeof navigator === 'undefined' || !decidesByItself()) return;
  lastingStore.setState({ wasAsked: true });
  // Not there on an address without https.
  const isLasting = await navigator.storage?.persist?.().catch(() => false);
  // Nobody pressed for it, so nobody is told of a refusal.
  lastingStore.setState({ lasting: isLasting ? 'lasting' : 'clearable' });
}

/** Chromium, under whatever name, answers at once by how a site is used. Its brands are how it says so; no other browser has them. */
function decidesByItself(): boolean {
  const { userAgentData } = navigator as Navigator & {
    readonly userAgentData?: { readonly brands: readonly { readonly brand: string }[] };
  };
  return userAgentData?.brands.some(({ brand }) => brand === 'Chromium') ?? false;
}
