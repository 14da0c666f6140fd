// @ts-check
// What the page may do, and the headers that say so: one list for the built page, the preview server and the service worker.
// Reasons: docs/decisions/0013-content-policy.md. Node built-ins only.

import { hubOrigins, namedMirrors } from './hubOrigins.mjs';

const directives = {
  'default-src': ["'self'"],
  // WebAssembly is compiled from bytes, which counts as eval; JavaScript's own eval stays forbidden.
  'script-src': ["'self'", "'wasm-unsafe-eval'"],
  'worker-src': ["'self'"],
  'style-src': ["'self'"],
  // A person's pictures are blob:, a chart on its way to PNG and the page's icon are data:.
  'img-src': ["'self'", 'blob:', 'data:'],
  // For a button that names whom it asks; nothing is requested there unless it is pressed (e2e/policy.spec.ts).
  'connect-src': ["'self'", ...hubOrigins(namedMirrors())],
  'object-src': ["'none'"],
  'frame-src': ["'none'"],
  'base-uri': ["'self'"],
  'form-action': ["'none'"],
};

/** As a <meta> says it, which cannot hold `frame-ancestors`. */
export const contentPolicy = Object.entries(directives)
  .map(([directive, sources]) => [directive, ...sources].join(' '))
  .join('; ');

/** Cross-origin isolation lets the wasm backend use threads; a host that cannot send these still works, on one thread. */
export const isolationHeaders = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** A worker's policy comes with its own file alone, so every file has it. */
export const siteHeaders = {
  ...isolationHeaders,
  'Content-Security-Policy': `${contentPolicy}; frame-ancestors 'none'`,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
};
