// @ts-check
// `npm start`: installs what is missing, builds, serves the page and says where it is.

import { buildSite } from './setup/buildSite.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { probePort, serveSite } from './setup/serveSite.mjs';
import { runScript, SetupError } from './setup/setupError.mjs';

/** @returns {number} */
function wantedPort() {
  const text = process.env.PORT ?? '4173';
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw new SetupError(
    `PORT is "${text}", which is not a port number. Give one from 1 to 65535, for example PORT=4174.`,
  );
}

runScript(async () => {
  const port = wantedPort();
  if ((await probePort(port)) === null) {
    throw new SetupError(
      `Port ${port} is taken on this computer; the studio may already run there: http://localhost:${port}\n` +
        `Stop what uses it, or take another port: PORT=${port + 1} npm start`,
    );
  }
  await installPackages();
  await buildSite();
  const { address } = await serveSite(port);
  console.log(`\nThe studio runs at ${address}\nOpen that address in a browser. Ctrl+C stops it.`);
});
