// @ts-check
// `npm run weights`: which networks' weights can be had; with an id, fetches them and converts them into public/weights.

import { installPackages } from './setup/installPackages.mjs';
import { inProject, projectRoot } from './setup/paths.mjs';
import { runScript } from './setup/setupError.mjs';

runScript(async () => {
  await installPackages();
  // The converters use the engine's graphs and readers, which are TypeScript: Vite loads them as it does for the page.
  const { runnerImport } = await import('vite');
  /** @type {{ module: typeof import('./weights/runWeights.ts') }} */
  const { module } = await runnerImport(inProject('scripts', 'weights', 'runWeights.ts'), { root: projectRoot });
  await module.runWeightsScript(process.argv.slice(2));
});
