// One picture's probabilities -> the cells that a submission says them in.

import { EngineError } from '../../protocol/errors.ts';
import { argmaxOfRow } from '../metrics/accuracy.ts';

export interface SubmissionPredictions {
  readonly classes: readonly string[];
  /** Of the pictures, as they were dropped. */
  readonly paths: readonly string[];
  /** [picture, class], in the order of paths and classes. */
  readonly probabilities: Float32Array;
}

export type SubmissionShape =
  /** A column for each of these classes; null for a column whose class the network does not know. */
  | { readonly kind: 'probabilities'; readonly classIndices: readonly (number | null)[] }
  /** The most probable class. */
  | { readonly kind: 'label' }
  /** All classes whose probability is above their threshold, with spaces between; an empty cell where there are none. */
  | { readonly kind: 'tags'; readonly thresholds: readonly number[] };

/** Throws EngineError 'settingInvalid' for tags of classes that have spaces in their names. */
export function checkShape({ classes }: SubmissionPredictions, shape: SubmissionShape): void {
  const spaced = shape.kind === 'tags' ? classes.find((name) => name.includes(' ')) : undefined;
  if (spaced === undefined) return;
  throw new EngineError(
    'settingInvalid',
    `Spaces separate the tags of a picture, and “${spaced}” has one in its name. Write such names with “_” in your labels, or choose one column for each class.`,
  );
}

/** @param row the picture's position in `paths`. */
export function predictionCells(predictions: SubmissionPredictions, shape: SubmissionShape, row: number): string[] {
  const { classes, probabilities } = predictions;
  const at = (column: number) => probabilities[row * classes.length + column] as number;
  switch (shape.kind) {
    case 'probabilities':
      return shape.classIndices.map((column) => (column === null ? '0' : formatProbability(at(column))));
    case 'label':
      return [classes[argmaxOfRow(probabilities, row, classes.length)] as string];
    case 'tags':
      return [classes.filter((_, column) => at(column) > (shape.thresholds[column] as number)).join(' ')];
  }
}

/** Nine digits tell any two 32-bit floats apart; more are the noise of writing them as 64-bit ones. */
function formatProbability(probability: number): string {
  return String(Number(probability.toPrecision(9)));
}
