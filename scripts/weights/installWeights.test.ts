import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { WeightsCard } from '../../src/engine/platform/ports.ts';
import { useBackend } from '../../src/engine/testing/backends.ts';
import type { AvailableWeights } from './availableWeights.ts';
import { convertKerasResNet50 } from './convertKerasResNet50.ts';
import { describeAvailable } from './describeAvailable.ts';
import { areWeightsHere, type InstallPlaces, installWeights } from './installWeights.ts';
import { readLayersModel } from './readLayersModel.ts';
import { makeTinyKerasModel, TINY_ARCHITECTURE, writeLayersModel } from './testing/tinyKerasModel.ts';

useBackend('cpu');

let root = '';
let weightsFolder = '';
let workFolder = '';
let sha256 = '';

const TINY: AvailableWeights = {
  id: 'tiny',
  architecture: TINY_ARCHITECTURE,
  source: { registry: 'npm', package: 'tiny-weights', version: '1.0.0', integrity: 'sha512-' },
  downloadBytes: 1_000_000,
  sizeBytes: 2_000_000,
  sha256: '',
  licence: 'MIT',
  publishedTop1: 0.5,
  card: { label: 'Tiny', source: { url: 'https://example.org' }, imageSizePx: 32 },
  convert: (folder, graph) => convertKerasResNet50(readLayersModel(path.join(folder, 'model.json')), graph),
  licenceText: (folder) => readFileSync(path.join(folder, 'LICENSE'), 'utf8'),
};

/** A package that comes whole. */
const fetchWhole: InstallPlaces['fetchSource'] = async (_, folder) => {
  const model = makeTinyKerasModel();
  writeLayersModel(model, folder);
  model.dispose();
  writeFileSync(path.join(folder, 'LICENSE'), 'MIT');
};

function failWith(code: string): InstallPlaces['fetchSource'] {
  return async (_, folder) => {
    mkdirSync(folder);
    writeFileSync(path.join(folder, 'half'), 'of it');
    throw Object.assign(new Error(code), { code });
  };
}

const places = (fetchSource = fetchWhole): InstallPlaces => ({ weightsFolder, workFolder, fetchSource });

beforeEach(() => {
  root = mkdtempSync(path.join(tmpdir(), 'windowbox-install-'));
  weightsFolder = path.join(root, 'weights');
  workFolder = path.join(root, 'work');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

beforeAll(async () => {
  // The checksum is learned as a person learns it who adds weights: from what the command says of it.
  const places = mkdtempSync(path.join(tmpdir(), 'windowbox-install-'));
  const told = installWeights(TINY, {
    weightsFolder: places,
    workFolder: path.join(places, 'work'),
    fetchSource: fetchWhole,
  });
  sha256 = String(await told.catch((error) => error.message)).match(/[0-9a-f]{64}/)?.[0] ?? '';
  rmSync(places, { recursive: true, force: true });
});

test('weights come with a card that describes them and with their licence, and nothing else is left', async () => {
  const weights = { ...TINY, sha256 };
  expect(areWeightsHere(weights, weightsFolder)).toBe(false);
  await installWeights(weights, places());
  expect(readdirSync(weightsFolder).sort()).toEqual(['LICENSE-tiny.txt', 'tiny.json', 'tiny.safetensors']);
  expect(readdirSync(workFolder)).toEqual([]);
  const bytes = readFileSync(path.join(weightsFolder, 'tiny.safetensors'));
  const card = JSON.parse(readFileSync(path.join(weightsFolder, 'tiny.json'), 'utf8')) as WeightsCard;
  expect(card).toMatchObject({
    id: 'tiny',
    label: 'Tiny',
    architecture: 'tiny-resnet',
    sha256: createHash('sha256').update(bytes).digest('hex'),
    sizeBytes: bytes.byteLength,
    // conv1 4 x 3 x 7 x 7 with its norm; 2 x 4 and 2 x 2 x 3 x 3 and 8 x 2 and 8 x 4 with theirs; 1000 x 8 and 1000.
    parameterCount: { body: 588 + 8 + (8 + 4) + (36 + 4) + (16 + 16) + (32 + 16), withClassifier: 728 + 9000 },
    publishedTop1: 0.5,
    licence: 'MIT',
    source: { package: 'tiny-weights', version: '1.0.0', url: 'https://example.org' },
  });
  expect(areWeightsHere(weights, weightsFolder)).toBe(true);
});

test('weights that would come out otherwise than they were checked are refused', async () => {
  await expect(installWeights({ ...TINY, sha256: '0'.repeat(64) }, places())).rejects.toThrow(
    'not those that were checked for this version',
  );
  expect(readdirSync(weightsFolder)).toEqual([]);
});

test.each([
  ['ENOSPC', 'The disk is full'],
  ['EACCES', 'may not be written'],
])('when %s ends it, what was here stays, nothing half is left, and a sentence says so', async (code, sentence) => {
  const weights = { ...TINY, sha256 };
  await installWeights(weights, places());
  const before = readdirSync(weightsFolder);
  await expect(installWeights(weights, places(failWith(code)))).rejects.toMatchObject({
    name: 'SetupError',
    message: expect.stringContaining(sentence),
  });
  expect(readdirSync(weightsFolder)).toEqual(before);
  expect(areWeightsHere(weights, weightsFolder)).toBe(true);
  expect(readdirSync(workFolder)).toEqual([]);
});

test('what an earlier run left when it was ended from outside does no harm', async () => {
  mkdirSync(path.join(workFolder, 'weights-tiny', 'package'), { recursive: true });
  writeFileSync(path.join(workFolder, 'weights-tiny', 'package', 'model.json'), '{"half');
  await installWeights({ ...TINY, sha256 }, places());
  expect(readdirSync(workFolder)).toEqual([]);
});

test('a file that was damaged here is found out', async () => {
  const weights = { ...TINY, sha256 };
  await installWeights(weights, places());
  writeFileSync(path.join(weightsFolder, 'tiny.safetensors'), 'damaged');
  expect(areWeightsHere(weights, weightsFolder)).toBe(false);
  await installWeights(weights, places());
  expect(areWeightsHere(weights, weightsFolder)).toBe(true);
});

test('the list tells what is here, what comes with the project and what can be fetched', async () => {
  const weights = { ...TINY, sha256 };
  mkdirSync(weightsFolder);
  writeFileSync(
    path.join(weightsFolder, 'own.json'),
    JSON.stringify({ id: 'own', sizeBytes: 11_000_000, publishedTop1: 0.751, licence: 'Apache-2.0' }),
  );
  const rows = () =>
    describeAvailable([weights], weightsFolder)
      .split('\n')
      .map((line) => line.trim().split(/ {2,}/));
  const fetched = (here: string) => ['tiny', here, '2 MB', '50.0 %', 'MIT', 'npm: tiny-weights 1.0.0 (1 MB to fetch)'];
  expect(rows()).toContainEqual(['own', 'yes', '11 MB', '75.1 %', 'Apache-2.0', 'comes with the project']);
  expect(rows()).toContainEqual(fetched('no'));
  await installWeights(weights, places());
  expect(rows()).toContainEqual(fetched('yes'));
  expect(existsSync(path.join(weightsFolder, 'LICENSE-tiny.txt'))).toBe(true);
});
