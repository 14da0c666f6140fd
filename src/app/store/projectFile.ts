// A run as one file to take along: a zip of its events, the settings and, where there is one, the model. It holds no picture and no
// file name. One that somebody brings is treated as hostile: what is in it, how large, and every field.

import type { DatasetSummary } from '../../protocol/dataset.ts';
import { EngineError } from '../../protocol/errors.ts';
import type { EngineEvent } from '../../protocol/events.ts';
import type { KeptRun } from '../../protocol/keeping.ts';
import { fitsDataset, isBackend, isDataset, isEngineEvent } from './checkRecording.ts';
import type { RecordedRun } from './recordedRun.ts';
import { withoutFileNames, writeJson } from './runReport.ts';
import type { TypedValues } from './settings.ts';

export interface Project {
  readonly run: Omit<RecordedRun, 'catalog'>;
  readonly words: Pick<KeptRun, 'name' | 'note' | 'recipeId'>;
  readonly settings: ProjectSettings;
  readonly model: Blob | null;
}

export interface ProjectSettings {
  readonly seed: number;
  readonly valuesByStep: Readonly<Record<string, TypedValues>>;
}

const VERSION = 1;
const NAMES = {
  project: 'project.json',
  events: 'events.jsonl',
  settings: 'settings.json',
  model: 'model.safetensors',
};
const LARGEST_TEXT_BYTES = 512e6;
const LARGEST_MODEL_BYTES = 2e9;
const LONGEST_WORDS = 400;

export async function writeProject({ run, words, settings, model }: Project): Promise<Blob> {
  const { BlobReader, BlobWriter, TextReader, ZipWriter, configure } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  const zip = new ZipWriter(new BlobWriter('application/zip'));
  const header = { backend: run.backend, dataset: withoutFileNames(run.dataset) };
  await zip.add(NAMES.project, new TextReader(JSON.stringify({ version: VERSION, ...words })));
  await zip.add(NAMES.events, new TextReader([header, ...run.events].map(writeJson).join('\n')));
  await zip.add(NAMES.settings, new TextReader(JSON.stringify(settings)));
  // Weights hardly get smaller.
  if (model) await zip.add(NAMES.model, new BlobReader(model), { level: 0 });
  return await zip.close();
}

/** Throws EngineError 'checkpointDamaged' with a sentence for a file that is not, in every field, a project. */
export async function readProject(file: Blob): Promise<Project> {
  const files = await unpack(file);
  const words = readWords(files.texts.get(NAMES.project));
  const [first = '', ...rest] = (files.texts.get(NAMES.events) ?? '').split('\n').filter((line) => line !== '');
  const header = parse(first);
  const { backend, dataset } = isRecord(header) ? header : {};
  if (!isBackend(backend)) throw refuse('it does not say what computed');
  if (!isDataset(dataset)) throw refuse('its data set is incomplete');
  return {
    words,
    run: { backend, dataset, events: rest.map((line, index) => readEvent(line, index + 2, dataset)) },
    settings: readSettingsFile(files.texts.get(NAMES.settings)),
    model: files.model,
  };
}

function readEvent(line: string, lineNumber: number, dataset: DatasetSummary): EngineEvent {
  const event = parse(line);
  if (!isEngineEvent(event) || !fitsDataset(event, dataset)) {
    throw refuse(`line ${lineNumber} of its events is none that this studio knows`);
  }
  if (event.type !== 'tagsJudged') return event;
  // JSON keeps lists as plain ones.
  const predictions = event.predictions.map((one) => ({ ...one, probabilities: Float32Array.from(one.probabilities) }));
  return { ...event, predictions };
}

function readWords(text: string | undefined): Project['words'] {
  const found = parse(text ?? '');
  if (!isRecord(found)) throw refuse('it does not say what it is');
  const { version, name, note, recipeId } = found;
  if (version !== VERSION)
    throw refuse(`its version is ${String(version).slice(0, 20)}, and this studio reads ${VERSION}`);
  const isShort = (value: unknown): value is string => typeof value === 'string' && value.length <= LONGEST_WORDS;
  if (!isShort(name) || !isShort(note) || !isShort(recipeId)) throw refuse('its name is no text of a sensible length');
  return { name, note, recipeId };
}

function readSettingsFile(text: string | undefined): ProjectSettings {
  const found = parse(text ?? '');
  const { seed, valuesByStep } = isRecord(found) ? found : {};
  const isValue = (value: unknown) => ['number', 'string', 'boolean'].includes(typeof value);
  const areValues = (values: unknown): values is TypedValues =>
    isRecord(values) && Object.values(values).every(isValue);
  if (
    !Number.isSafeInteger(seed) ||
    (seed as number) < 0 ||
    !isRecord(valuesByStep) ||
    !Object.values(valuesByStep).every(areValues)
  ) {
    throw refuse('its settings are incomplete');
  }
  // Looked at one by one above.
  return { seed: seed as number, valuesByStep: valuesByStep as ProjectSettings['valuesByStep'] };
}

async function unpack(
  file: Blob,
): Promise<{ readonly texts: ReadonlyMap<string, string>; readonly model: Blob | null }> {
  const { BlobReader, BlobWriter, TextWriter, ZipReader, configure } = await import('@zip.js/zip.js');
  configure({ useWebWorkers: false });
  const reader = new ZipReader(new BlobReader(file));
  try {
    const texts = new Map<string, string>();
    let model: Blob | null = null;
    for (const entry of await reader.getEntries()) {
      const isModel = entry.filename === NAMES.model;
      if (entry.directory || !Object.values(NAMES).includes(entry.filename) || texts.has(entry.filename)) {
        throw refuse('it holds files that do not belong to a project');
      }
      if (entry.uncompressedSize > (isModel ? LARGEST_MODEL_BYTES : LARGEST_TEXT_BYTES))
        throw refuse('it is too large');
      if (isModel) model = await entry.getData(new BlobWriter('application/octet-stream'));
      else texts.set(entry.filename, await entry.getData(new TextWriter()));
    }
    return { texts, model };
  } catch (thrown) {
    throw thrown instanceof EngineError ? thrown : refuse('it is not a zip, or a damaged one');
  } finally {
    await reader.close();
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refuse('a part of it is missing or is not JSON');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuse(what: string): EngineError {
  return new EngineError(
    'checkpointDamaged',
    `This project file cannot be opened: ${what}. Nothing of it was taken, and what is here is as it was. Save the project again where it was made.`,
  );
}
