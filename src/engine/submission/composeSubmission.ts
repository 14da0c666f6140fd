// Predictions of the test pictures -> the file that is handed in, with what a competition would refuse about it. The file is read
// again as the competition's server would read it, so that a mistake shows here and not there.

import type { LabelKind } from '../../protocol/dataset.ts';
import type { SubmissionForm } from '../../protocol/submission.ts';
import { checkSubmission, type ExpectedSubmission } from './checkSubmission.ts';
import { followSample } from './followSample.ts';
import { listSome } from './listSome.ts';
import { neutraliseFormula } from './neutraliseFormula.ts';
import type { SubmissionPredictions } from './predictionCells.ts';
import { idOf, writeSubmission } from './writeSubmission.ts';

export interface SubmissionSource extends SubmissionPredictions {
  /** Of test pictures that have no prediction. */
  readonly lostPaths: readonly string[];
  readonly labelKind: LabelKind;
}

export interface ComposedSubmission {
  readonly text: string;
  readonly notes: readonly string[];
  readonly problems: readonly string[];
}

type ShapeForm = Extract<SubmissionForm, { readonly kind: 'shape' }>;
type ColumnKind = 'probabilities' | 'label' | 'tags';

/**
 * After a sample.
 * @param thresholds for each class, of tags; null where each picture is of one class. Throws as `followSample` does.
 */
export function composeAfterSample(
  sampleText: string,
  source: SubmissionSource,
  thresholds: readonly number[] | null,
): ComposedSubmission {
  const { text, summary, problems } = followSample(sampleText, source, thresholds);
  return { text, notes: [summary], problems };
}

/** In a shape of our own. Throws as `writeSubmission` does. */
export function composeInShape(
  form: ShapeForm,
  source: SubmissionSource,
  thresholds: readonly number[] | null,
): ComposedSubmission {
  const { shape, idForm, isVerbatim } = form;
  const text = writeSubmission(source, { ...form, ...(thresholds && { thresholds }) });
  const written = isVerbatim ? (name: string) => name : neutraliseFormula;
  const idsOf = (paths: readonly string[]) => paths.map((path) => idOf(path, idForm));
  const columns = shape === 'probabilities' ? source.classes : [shape];
  const expected: ExpectedSubmission = {
    delimiter: ',',
    columns: ['id', ...columns.map(written)],
    ids: idsOf([...source.paths, ...source.lostPaths]).map(written),
    values: valuesOf(shape, source.labelKind),
  };
  const ids = idsOf(source.paths);
  const changed = [...ids, ...source.classes].filter((name) => written(name) !== name);
  return {
    text,
    notes: [...describeQuotes([...new Set(changed)]), ...advise(ids, source.lostPaths)],
    problems: checkSubmission(text, expected),
  };
}

/** What mends a mistake that the file cannot help. */
function advise(ids: readonly string[], lostPaths: readonly string[]): string[] {
  return [
    ...(new Set(ids).size < ids.length
      ? ['Pictures in several folders have the same name: choose to call them by their whole path.']
      : []),
    ...(lostPaths.length > 0
      ? ['Pictures that no longer open have no prediction: drop the folder again and predict anew.']
      : []),
  ];
}

function valuesOf(shape: ColumnKind, labelKind: LabelKind): ExpectedSubmission['values'] {
  if (shape !== 'probabilities') return 'text';
  return labelKind === 'tags' ? 'probabilities' : 'probabilitiesThatAddUpToOne';
}

function describeQuotes(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const have = names.length === 1 ? 'name begins' : 'names begin';
  return [
    `${names.length} ${have} like a formula and got a quote in front, so that no spreadsheet runs it (${listSome(names)}). Choose exact names if a machine compares them.`,
  ];
}
