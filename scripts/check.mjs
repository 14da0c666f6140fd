// @ts-check
// `npm run check`: lint, types and unit tests, the quick part of `npm test`.

import { installPackages } from './setup/installPackages.mjs';
import { runChecks } from './setup/runChecks.mjs';
import { runScript } from './setup/setupError.mjs';
import { checkTypes, lint, runStage, runUnitTests } from './setup/stages.mjs';

runScript(async () => {
  await installPackages();
  await runChecks([
    () => runStage('lint', lint),
    () => runStage('types', checkTypes),
    () => runStage('unit tests', runUnitTests),
  ]);
});
