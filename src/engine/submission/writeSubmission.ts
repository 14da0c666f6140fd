// Predictions -> CSV text, where there is no sample file to follow: id and one column for each class, id and label, or id
// and tags (LESSON section 10).

import type { SubmissionIdForm } from '../../protocol/submission.ts';
import { formatCsv } from '../data/csvText.ts';
import { withoutPictureSuffix } from '../data/readers/pathIndex.ts';
import { neutraliseFormula } from './neutraliseFormula.ts';
import { checkShape, predictionCells, type SubmissionPredictions, type SubmissionShape } from './predictionCells.ts';

export interface SubmissionOptions {
  readonly shape: SubmissionShape['kind'];
  /** For each class, above which probability its tag is given; only tags need them. */
  readonly thresholds?: readonly number[];
  readonly idForm?: SubmissionIdForm;
  /**
   * Write ids and class names exactly as they are. Needed when a machine compares them and one begins with = + - @ (then
   * a quote in front makes another name of it); without it the file is safe to open in a spreadsheet.
   */
  readonly isVerbatim?: boolean;
}

/** Throws as `checkShape` does, and RangeError for tags without a threshold for each class. */
export function writeSubmission(predictions: SubmissionPredictions, options: SubmissionOptions): string {
  const { paths } = predictions;
  const { idForm = 'name', isVerbatim = false } = options;
  const shape = shapeOf(predictions, options);
  checkShape(predictions, shape);
  // Probabilities are numbers of our own making, so only names can look like formulas and only they are changed.
  const name = isVerbatim ? (text: string) => text : neutraliseFormula;
  const rows = paths.map((path, row) => {
    const cells = predictionCells(predictions, shape, row);
    return [name(idOf(path, idForm)), ...(shape.kind === 'probabilities' ? cells : cells.map(name))];
  });
  const columns = shape.kind === 'probabilities' ? predictions.classes.map(name) : [shape.kind];
  return formatCsv([['id', ...columns], ...rows], { delimiter: ',', newline: '\n' });
}

function shapeOf({ classes }: SubmissionPredictions, { shape, thresholds = [] }: SubmissionOptions): SubmissionShape {
  if (shape === 'label') return { kind: shape };
  if (shape === 'probabilities') return { kind: shape, classIndices: classes.map((_, column) => column) };
  if (thresholds.length !== classes.length) throw new RangeError('Tags take a threshold for each class.');
  return { kind: shape, thresholds };
}

/** How the file calls the picture at this path. */
export function idOf(path: string, idForm: SubmissionIdForm): string {
  if (idForm === 'path') return path;
  const name = path.slice(path.lastIndexOf('/') + 1);
  return idForm === 'name' ? withoutPictureSuffix(name) : name;
}
