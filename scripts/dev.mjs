// @ts-check
// `npm run dev`: the page as it is being written, reloaded on every change.

import { ensureSample } from './sample/ensureSample.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { runTool } from './setup/runProgram.mjs';
import { runScript } from './setup/setupError.mjs';

runScript(async () => {
  await installPackages();
  await ensureSample();
  const { exitCode } = await runTool('vite', 'vite', process.argv.slice(2));
  process.exitCode = exitCode;
});
