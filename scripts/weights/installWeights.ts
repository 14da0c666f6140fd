// Fetches weights and puts them into public/weights: the safetensors file, its licence and, last, its card. All is made beside
// and moved into place when it is whole, so a run that ends anywhere leaves either what was there or what is new.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Graph, sizeOf } from '../../src/engine/graph/graph.ts';
import { buildClassifier, buildFeatureExtractor } from '../../src/engine/models/head.ts';
import { loadWeights } from '../../src/engine/models/weights/loadWeights.ts';
import { parseSafetensors } from '../../src/engine/models/weights/safetensors.ts';
import { writeSafetensors } from '../../src/engine/models/weights/writeSafetensors.ts';
import { SetupError } from '../setup/setupError.mjs';
import type { AvailableWeights } from './availableWeights.ts';
import { explainDiskFailure } from './fetchErrors.ts';

const IMAGENET_CLASSES = 1000;

export interface InstallPlaces {
  /** public/weights */
  readonly weightsFolder: string;
  /** Where things are made; on the same disk. */
  readonly workFolder: string;
  /** Unpacks the source into a folder. Throws SetupError. */
  readonly fetchSource: (source: AvailableWeights['source'], folder: string) => Promise<void>;
}

/** Whether the files are here as this version of the project converts them. */
export function areWeightsHere({ id, sha256 }: AvailableWeights, weightsFolder: string): boolean {
  const file = path.join(weightsFolder, `${id}.safetensors`);
  const card = path.join(weightsFolder, `${id}.json`);
  if (!existsSync(card) || !existsSync(file)) return false;
  return createHash('sha256').update(readFileSync(file)).digest('hex') === sha256;
}

/** @throws {SetupError} with what happened, what was kept and what to do */
export async function installWeights(weights: AvailableWeights, places: InstallPlaces): Promise<void> {
  const { weightsFolder, workFolder, fetchSource } = places;
  const { id, source } = weights;
  const work = path.join(workFolder, `weights-${id}`);
  try {
    // What a run left that was ended from outside.
    rmSync(work, { recursive: true, force: true });
    mkdirSync(work, { recursive: true });
    mkdirSync(weightsFolder, { recursive: true });
    const unpacked = path.join(work, 'package');
    await fetchSource(source, unpacked);
    const files = convert(weights, unpacked);
    for (const [name, content] of files) writeFileSync(path.join(work, name), content);
    // The card names the checksum of the file: without it there are no weights, so it goes first and comes last.
    rmSync(path.join(weightsFolder, `${id}.json`), { force: true });
    for (const name of files.keys()) renameSync(path.join(work, name), path.join(weightsFolder, name));
  } catch (thrown) {
    throw explainDiskFailure(thrown);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** Content by file name, in the order in which they are put in place. */
function convert(weights: AvailableWeights, folder: string): Map<string, Uint8Array | string> {
  const { id, architecture } = weights;
  const graph = buildClassifier(architecture, architecture.imageSizePx, IMAGENET_CLASSES);
  const bytes = writeSafetensors(graph.parameters, weights.convert(folder, graph), { format: 'pt' });
  // Read as the studio will: every parameter of the graph is there, in its shape.
  loadWeights(graph, parseSafetensors(bytes));
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  if (sha256 !== weights.sha256) {
    throw new SetupError(
      `The converted weights are not those that were checked for this version of the project: their checksum is ${sha256}. ` +
        'Nothing was kept. Please report it, with your operating system and version of Node.',
    );
  }
  return new Map<string, Uint8Array | string>([
    [`${id}.safetensors`, bytes],
    [`LICENSE-${id}.txt`, weights.licenceText(folder)],
    [`${id}.json`, `${JSON.stringify(describeWeights(weights, graph, bytes.byteLength), null, 2)}\n`],
  ]);
}

/** The card: what the engine reads of it is in src/engine/platform/ports.ts. */
function describeWeights(weights: AvailableWeights, graph: Graph, sizeBytes: number): Record<string, unknown> {
  const { id, architecture, source, card, licence, publishedTop1, sha256 } = weights;
  const body = buildFeatureExtractor(architecture, architecture.imageSizePx);
  return {
    id,
    architecture: architecture.id,
    ...card,
    source: { ...source, ...(card.source as object) },
    licence,
    sha256,
    sizeBytes,
    dtype: 'F32',
    tensorLayout: "PyTorch's: convolutions OIHW, linear layers [out, in]",
    parameterCount: { body: countLearned(body), withClassifier: countLearned(graph) },
    publishedTop1,
  };
}

function countLearned({ parameters }: Graph): number {
  return parameters.filter(({ isLearned }) => isLearned).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
}
