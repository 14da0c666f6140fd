// The hash that files are known by: weights, and pictures that may be the same.

import { EngineError } from '../protocol/errors.ts';

/** In lower-case hexadecimal. Null where the browser gives the page no hashes: it does over https and on localhost only. */
export async function findSha256(bytes: Uint8Array<ArrayBuffer>): Promise<string | null> {
  if (typeof crypto === 'undefined' || !crypto.subtle) return null;
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** As `findSha256`, for what cannot do without. Throws EngineError 'backendUnavailable'. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const found = await findSha256(bytes);
  if (found !== null) return found;
  throw new EngineError(
    'backendUnavailable',
    'This browser computes no checksums on a page that is not served over https or from localhost. Nothing was loaded. Open the studio at such an address.',
  );
}
