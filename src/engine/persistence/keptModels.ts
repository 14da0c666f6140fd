// Models that are kept in the worker's memory by name until the page is closed, as the lesson keeps its files. A value.

import { EngineError } from '../../protocol/errors.ts';
import type { KeptModel } from '../../protocol/training.ts';
import { formatSize } from '../formatSize.ts';
import type { ParameterValues } from '../graph/graph.ts';
import type { SavedModel } from './modelFile.ts';

/** For all of them together. Values that two of them share are counted twice. */
export const KEPT_MODELS_BUDGET_BYTES = 512e6;
const LONGEST_NAME = 80;

export type KeptModels = readonly SavedModel[];

/**
 * With one more, oldest first; one of the same name is replaced. Throws EngineError 'settingInvalid' for a name that no file
 * could have, 'outOfMemory' beyond the budget; what is kept stays then.
 */
export function keepModel(kept: KeptModels, model: SavedModel): KeptModels {
  checkName(model.name);
  const models = [...kept.filter(({ name }) => name !== model.name), model];
  const bytes = models.reduce((sum, one) => sum + sizeOf(one), 0);
  if (bytes <= KEPT_MODELS_BUDGET_BYTES) return models;
  throw new EngineError(
    'outOfMemory',
    `With this one the models kept in the page would take ${formatSize(bytes)}, more than ${formatSize(KEPT_MODELS_BUDGET_BYTES)}. It was not kept; forget an older one, or save it as a file.`,
  );
}

export function forgetModel(kept: KeptModels, name: string): KeptModels {
  return kept.filter((model) => model !== findModel(kept, name));
}

/** Throws EngineError 'settingInvalid' for a name that nothing has. */
export function findModel(kept: KeptModels, name: string): SavedModel {
  const found = kept.find((model) => model.name === name);
  if (found) return found;
  throw new EngineError('settingInvalid', `No model called “${name}” is kept in this page. Nothing was changed.`);
}

export function listModels(kept: KeptModels): readonly KeptModel[] {
  return kept.map((model) => ({ name: model.name, imageSizePx: model.imageSizePx, sizeBytes: sizeOf(model) }));
}

function checkName(name: string): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a file's name must not have.
  if (name.trim() !== '' && name.length <= LONGEST_NAME && !/[\\/:*?"<>|\u0000-\u001f]/.test(name)) return;
  throw new EngineError(
    'settingInvalid',
    `A model’s name has 1 to ${LONGEST_NAME} characters and none of \\ / : * ? " < > |, so that a file can have it. Nothing was kept.`,
  );
}

function sizeOf({ head, body }: SavedModel): number {
  return bytesOf(head) + (body ? bytesOf(body) : 0);
}

function bytesOf(values: ParameterValues): number {
  return [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
