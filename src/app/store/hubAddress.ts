// Where public weights are asked for: the Hugging Face hub, or a mirror whose address a person typed and used.

export const usualHub = 'https://huggingface.co';
const key = 'windowbox.hub';

/** The one used last. */
export function readHub(): string {
  try {
    return localStorage.getItem(key) ?? usualHub;
  } catch {
    return usualHub;
  }
}

/** Kept once weights have come from it, and not as it is typed. */
export function rememberHub(address: string): void {
  try {
    if (address.trim() === usualHub) localStorage.removeItem(key);
    else localStorage.setItem(key, address.trim());
  } catch {
    // A browser that keeps nothing shows the usual one the next time.
  }
}

/** Null for text that is no address of a hub. */
export function parseHub(text: string): URL | null {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : null;
  return url && /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' ? url : null;
}
