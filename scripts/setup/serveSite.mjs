// @ts-check
// Serves the built page with the headers that vite.config.ts names. Needs the packages.

import { createServer } from 'node:net';
import { projectRoot } from './paths.mjs';

/**
 * @param {number} port 0 asks for any free one
 * @returns {Promise<number | null>} the port when it is free, else null
 */
export function probePort(port) {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(null));
    probe.listen(port, 'localhost', () => {
      const address = probe.address();
      const found = typeof address === 'object' && address ? address.port : null;
      probe.close(() => resolve(found));
    });
  });
}

/**
 * @param {number} port a free one
 * @returns {Promise<{ address: string, close: () => Promise<void> }>} `address` without a closing slash
 */
export async function serveSite(port) {
  const { preview } = await import('vite');
  const server = await preview({
    root: projectRoot,
    logLevel: 'warn',
    preview: { port, strictPort: true, open: false },
  });
  return { address: `http://localhost:${port}`, close: () => server.close() };
}
