// Where packages are asked for: the registries that npm and pip are set up with on this computer, so that whoever works behind
// a mirror need not set anything twice.

import path from 'node:path';
import { runNpm, runProgram } from '../setup/runProgram.mjs';

/** What pacote is told; see pacote.d.ts. */
export interface NpmSettings {
  readonly registry: string;
  readonly cache?: string;
  readonly proxy?: string;
  readonly httpsProxy?: string;
  readonly strictSSL?: boolean;
  readonly fetchRetries?: number;
  readonly fetchRetryMintimeout?: number;
}

const PUBLIC_NPM_REGISTRY = 'https://registry.npmjs.org/';
const PUBLIC_PYTHON_INDEX = 'https://pypi.org/simple/';
const TIME_LIMIT_MS = 30_000;
/** npm waits ten seconds, then a minute; whoever has no network should hear of it sooner. */
const RETRIES = { fetchRetries: 2, fetchRetryMintimeout: 1000 };

/** npm's own settings. Logins are not among them: npm tells them to nobody. */
export async function readNpmSettings(): Promise<NpmSettings> {
  const { output } = await runNpm(['config', 'list', '--json'], { isCaptured: true });
  return { ...parseNpmSettings(output), ...RETRIES };
}

/** @param output of `npm config list --json`, warnings and all */
export function parseNpmSettings(output: string): NpmSettings {
  const settings = parseObject(output.slice(output.indexOf('{'), output.lastIndexOf('}') + 1));
  const { registry, cache, proxy, 'https-proxy': httpsProxy, 'strict-ssl': strictSSL } = settings;
  return {
    registry: typeof registry === 'string' ? registry : PUBLIC_NPM_REGISTRY,
    // The folder that npm itself keeps tarballs in: what was fetched once is not fetched again.
    ...(typeof cache === 'string' ? { cache: path.join(cache, '_cacache') } : {}),
    ...(typeof proxy === 'string' ? { proxy } : {}),
    ...(typeof httpsProxy === 'string' ? { httpsProxy } : {}),
    ...(typeof strictSSL === 'boolean' ? { strictSSL } : {}),
  };
}

function parseObject(text: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

/** The Python package index that pip uses, where there is a pip, else the public one; with a slash at its end. */
export async function readPythonIndex(): Promise<string> {
  const found = process.env.PIP_INDEX_URL ?? (await askPip('python3')) ?? (await askPip('python'));
  const index = found ?? PUBLIC_PYTHON_INDEX;
  return index.endsWith('/') ? index : `${index}/`;
}

async function askPip(python: string): Promise<string | undefined> {
  try {
    const { exitCode, output } = await runProgram(python, ['-m', 'pip', 'config', 'get', 'global.index-url'], {
      isCaptured: true,
      timeLimitMs: TIME_LIMIT_MS,
    });
    return exitCode === 0
      ? output
          .split('\n')
          .map((line) => line.trim())
          .find((line) => URL.canParse(line))
      : undefined;
  } catch {
    // There is no Python by that name.
    return undefined;
  }
}
