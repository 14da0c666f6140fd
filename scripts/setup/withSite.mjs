// @ts-check
// The built page on a free port while something is done with it.

import { buildSite } from './buildSite.mjs';
import { installPackages } from './installPackages.mjs';
import { probePort, serveSite } from './serveSite.mjs';
import { SetupError } from './setupError.mjs';

/**
 * Installs and builds what is missing; the server is closed whatever `use` does.
 * @param {(address: string) => Promise<void>} use the address has no closing slash
 * @throws {SetupError} when no port is free
 */
export async function withSite(use) {
  await installPackages();
  await buildSite();
  const port = await probePort(0);
  if (port === null) throw new SetupError('No free port could be had on this computer.');
  const site = await serveSite(port);
  try {
    await use(site.address);
  } finally {
    await site.close();
  }
}
