// What a list shows of a run: kept in a file of its own, and put together from the log where that file is damaged.

import type { EngineEvent } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import type { ResultScore } from '../../protocol/training.ts';
import type { BlobStore } from '../platform/ports.ts';
import { headerPath, parseJson, type RunHeader, readSegments, readText, summaryPath, writeText } from './runFiles.ts';

/** Nothing has come of it yet. */
export const NOTHING_YET = { name: '', note: '', stepCount: 0, best: null } as const;

const REBUILT_NOTE = 'The file with this run’s name and note was damaged, so both are lost. Everything else is here.';

/** With what the event adds to it. */
export function sumUp(summary: KeptRun, event: EngineEvent): KeptRun {
  const { stepCount, best } = summary;
  if (event.type === 'stepEnded') return { ...summary, stepCount: stepCount + 1 };
  if (event.type !== 'resultRow' || (best && shareOf(best.score) >= shareOf(event.score))) return summary;
  return { ...summary, best: { label: event.label, score: event.score } };
}

function shareOf(score: ResultScore): number {
  return score.kind === 'accuracy' ? score.accuracy.accuracy : score.f2;
}

/** Null where there is none, and where neither it nor the run's header is whole. */
export async function readSummary(store: BlobStore, number: number): Promise<KeptRun | null> {
  const text = await readText(store, summaryPath(number));
  // A run without one was deleted.
  return text === null ? null : (parseJson<KeptRun>(text) ?? (await rebuildSummary(store, number)));
}

export async function writeSummary(store: BlobStore, summary: KeptRun): Promise<void> {
  await writeText(store, summaryPath(summary.number), JSON.stringify(summary));
}

/** Nothing is written: another page may be keeping this run. */
async function rebuildSummary(store: BlobStore, number: number): Promise<KeptRun | null> {
  const header = parseJson<RunHeader>((await readText(store, headerPath(number))) ?? '');
  if (!header) return null;
  const segments = await readSegments(store, number);
  // The log may have been cut off too: what comes before that counts.
  const events = segments.flatMap(({ lines }) => lines).flatMap((line) => parseJson<EngineEvent>(line) ?? []);
  const { changedMs } = await store.measure(headerPath(number));
  const { name: datasetName, pictures } = header.dataset;
  const recipeId = findRecipe(header, events);
  if (recipeId === null) return null;
  const startedAt = new Date(changedMs ?? 0).toISOString();
  const plain = { ...NOTHING_YET, number, startedAt, datasetName, pictureCount: pictures.length, recipeId };
  return { ...events.reduce(sumUp, plain), note: REBUILT_NOTE };
}

/** The first that has all steps of the run. */
function findRecipe({ catalog }: RunHeader, events: readonly EngineEvent[]): string | null {
  const stepIds = new Set(events.flatMap((event) => (event.type === 'stepStarted' ? event.stepId : [])));
  const fits = catalog.recipes.find(({ steps }) => [...stepIds].every((id) => steps.some((step) => step.id === id)));
  return fits?.id ?? null;
}
