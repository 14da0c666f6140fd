// @ts-check
// `npm run build`: the page in dist/, built when its sources are newer.

import { buildSite } from './setup/buildSite.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { runScript } from './setup/setupError.mjs';

runScript(async () => {
  await installPackages();
  await buildSite();
  console.log('The page is in dist/.');
});
