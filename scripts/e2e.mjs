// @ts-check
// `npm run e2e`: the browser tests alone, on a fresh build. What follows `--` goes to Playwright.

import { buildSite } from './setup/buildSite.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { runChecks } from './setup/runChecks.mjs';
import { runScript } from './setup/setupError.mjs';
import { runBrowserTests, runStage } from './setup/stages.mjs';

runScript(async () => {
  await installPackages();
  await runChecks([
    () => runStage('build', buildSite),
    () => runStage('browser tests', () => runBrowserTests(process.argv.slice(2))),
  ]);
});
