// @ts-check
// `npm test`: installs what is missing, then lint, types, unit tests, WebGPU tests, build and browser tests.

import { buildSite } from './setup/buildSite.mjs';
import { ensureChromium } from './setup/ensureChromium.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { runChecks } from './setup/runChecks.mjs';
import { runScript } from './setup/setupError.mjs';
import {
  checkTypes,
  lint,
  runBrowserTests,
  runGpuTests,
  runStage,
  runUnitTests,
  withoutLongGpuTests,
} from './setup/stages.mjs';

runScript(async () => {
  await runStage('packages', installPackages);
  const browser = await runStage('browser', ensureChromium);
  console.log(`Browser tests use ${browser}`);
  await runChecks([
    () => runStage('lint', lint),
    () => runStage('types', checkTypes),
    () => runStage('unit tests', runUnitTests),
    () => runStage('WebGPU tests', () => runGpuTests(withoutLongGpuTests)),
    () => runStage('build', buildSite),
    () => runStage('browser tests', runBrowserTests),
  ]);
});
