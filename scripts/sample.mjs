// @ts-check
// `npm run sample`: makes the sample set of drawings when it is missing or out of date.

import { ensureSample } from './sample/ensureSample.mjs';
import { installPackages } from './setup/installPackages.mjs';
import { runScript } from './setup/setupError.mjs';

runScript(async () => {
  await installPackages();
  await ensureSample();
});
