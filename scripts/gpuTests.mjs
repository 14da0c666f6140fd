// @ts-check
// `npm run gpu-tests`: the WebGPU executor's tests alone, in real Chromium. What follows `--` goes to Vitest.

import { installPackages } from './setup/installPackages.mjs';
import { runChecks } from './setup/runChecks.mjs';
import { runScript } from './setup/setupError.mjs';
import { runGpuTests, runStage } from './setup/stages.mjs';

runScript(async () => {
  await installPackages();
  await runChecks([() => runStage('WebGPU tests', () => runGpuTests(process.argv.slice(2)))]);
});
