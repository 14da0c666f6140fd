// The hash that a weights file is known by.

import { EngineError } from '../../../protocol/errors.ts';

/** In lower-case hexadecimal. Throws EngineError 'backendUnavailable' where the browser gives the page no hashes. */
export async function sha256Of(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  // Browsers give them to pages over https and from localhost only.
  if (typeof crypto === 'undefined' || !crypto.subtle) {
    throw new EngineError(
      'backendUnavailable',
      'This browser computes no checksums on a page that is not served over https or from localhost. Nothing was loaded. Open the studio at such an address.',
    );
  }
  const digest = await crypto.subtle.digest('SHA-256', bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
