// The address's parameters: what a headless run or a shared link may ask for. Everything unknown is ignored.

import type { BackendName } from '../protocol/catalog.ts';

export interface UrlParameters {
  readonly backend: BackendName | 'auto';
  /** A zip on the page's own origin. */
  readonly data: string | null;
  readonly recipe: string | null;
  readonly seed: number | null;
  readonly replay: string | null;
  readonly isRunWanted: boolean;
  /** Everything is to be learnt from: nothing validates. */
  readonly usesAll: boolean;
  /** A path of the page's own origin that gets the report as JSON. */
  readonly report: string | null;
  /** Values for every step that has the option, by option id. */
  readonly options: Readonly<Record<string, string>>;
}

const backends: readonly string[] = ['webgpu', 'webgl', 'wasm', 'cpu'];
const optionParameters = { size: 'imageSizePx', batch: 'batchSize', backbone: 'backbone' } as const;

function isBackend(value: string | null): value is BackendName {
  return value !== null && backends.includes(value);
}

export function readUrlParameters(search: string): UrlParameters {
  const query = new URLSearchParams(search);
  const backend = query.get('backend');
  const seedText = query.get('seed');
  const seed = seedText === null || seedText.trim() === '' ? Number.NaN : Number(seedText);
  const options: Record<string, string> = {};
  for (const [parameter, optionId] of Object.entries(optionParameters)) {
    const value = query.get(parameter);
    if (value) options[optionId] = value;
  }
  return {
    backend: isBackend(backend) ? backend : 'auto',
    data: query.get('data'),
    recipe: query.get('recipe'),
    seed: Number.isInteger(seed) && seed >= 0 ? seed : null,
    replay: query.get('replay'),
    isRunWanted: query.get('run') === '1',
    usesAll: query.get('usesAll') === '1',
    report: query.get('report'),
    options,
  };
}
