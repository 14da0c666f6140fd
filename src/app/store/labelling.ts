// A drop whose table waits for a person to say what it means: the files, what was said, and what the engine makes of it.

import type { DroppedFile } from '../../protocol/dataset.ts';
import type { LabelDescription, LabelOptions } from '../../protocol/labels.ts';
import type { NamedFiles } from '../intake/folderPaths.ts';

export interface Labelling extends NamedFiles {
  /** What the person said last; the engine guesses the rest. */
  readonly wanted: Partial<LabelOptions>;
  /** The newest answer. */
  readonly description: LabelDescription;
  /** The answer to what was said last is still to come. */
  readonly isCounting: boolean;
}

/** Whether the engine is to be asked for a table before these are opened. */
export function mayHoldTable(files: readonly DroppedFile[]): boolean {
  return files.some(({ path }) => /\.csv$/i.test(path));
}

/** The choices as a panel shows them: what the person said, else what the engine guessed. */
export function shownOptions({ description, wanted }: Labelling): LabelOptions {
  return { ...description.options, ...wanted };
}

/** A column cannot be both; choosing the other one's column swaps them. */
export function withIdColumn(options: LabelOptions, idColumn: number): LabelOptions {
  const { labelColumn } = options;
  return { ...options, idColumn, labelColumn: idColumn === labelColumn ? options.idColumn : labelColumn };
}

export function withLabelColumn(options: LabelOptions, labelColumn: number): LabelOptions {
  const { idColumn } = options;
  return { ...options, labelColumn, idColumn: labelColumn === idColumn ? options.labelColumn : idColumn };
}
