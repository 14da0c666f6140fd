// The table that `npm run weights` prints: weights that come with the project, then those that can be fetched.

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { WeightsCard } from '../../src/engine/platform/ports.ts';
import type { AvailableWeights } from './availableWeights.ts';
import { areWeightsHere } from './installWeights.ts';

const HEADINGS = ['id', 'here', 'size', 'top-1', 'licence', 'source'];
/** Columns of numbers, which end at the same place. */
const NUMBER_COLUMNS = [2, 3];

/** @param weightsFolder public/weights */
export function describeAvailable(available: readonly AvailableWeights[], weightsFolder: string): string {
  const fetched = available.map((weights) => [
    weights.id,
    areWeightsHere(weights, weightsFolder) ? 'yes' : 'no',
    megabytes(weights.sizeBytes),
    percent(weights.publishedTop1),
    weights.licence,
    `${weights.source.registry}: ${weights.source.package} ${weights.source.version} (${megabytes(weights.downloadBytes)} to fetch)`,
  ]);
  const own = readCards(weightsFolder)
    .filter(({ id }) => !available.some((weights) => weights.id === id))
    .map((card) => [
      card.id,
      'yes',
      megabytes(card.sizeBytes),
      percent(card.publishedTop1),
      card.licence,
      'comes with the project',
    ]);
  return [
    'Weights trained on ImageNet, for networks to start from (top-1 as published):',
    '',
    ...layOut([HEADINGS, ...own, ...fetched]).map((line) => `  ${line}`),
    '',
    'Fetch one with "npm run weights -- ID".',
  ].join('\n');
}

function readCards(folder: string): WeightsCard[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
  // Cards are the project's own files.
  return names.sort().map((name) => JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as WeightsCard);
}

function layOut(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] as number;
        return NUMBER_COLUMNS.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

function percent(share: number | null): string {
  return share === null ? 'unknown' : `${(100 * share).toFixed(1)} %`;
}
