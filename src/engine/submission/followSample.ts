// Predictions -> the very file that a competition's sample_submission.csv shows: its columns, ids, rows and their order.

import { EngineError } from '../../protocol/errors.ts';
import { type CsvText, formatCsv, parseCsv } from '../data/csvText.ts';
import { hasPictureSuffix, indexPaths } from '../data/readers/pathIndex.ts';
import { checkSubmission, type ExpectedSubmission } from './checkSubmission.ts';
import { listSome } from './listSome.ts';
import { checkShape, predictionCells, type SubmissionPredictions, type SubmissionShape } from './predictionCells.ts';

export interface FollowedSample {
  readonly text: string;
  readonly shape: SubmissionShape['kind'];
  /** Whether the sample writes 'x.jpg' where it means the picture x.jpg, or 'x'. */
  readonly hasSuffix: boolean;
  /** What the sample was taken to ask for. */
  readonly summary: string;
  /** What is wrong with the file, in sentences; none when it can be sent. */
  readonly problems: readonly string[];
}

interface Sample extends CsvText {
  readonly header: readonly string[];
  /** [row][cell]. */
  readonly body: readonly (readonly string[])[];
  readonly ids: readonly string[];
}

/**
 * A row of the sample without a picture keeps the sample's own values, since a file that lacks it would be refused.
 * Nothing is changed for spreadsheets here: ids and columns are the sample's own, and a server compares every letter.
 * @param thresholds for each class where pictures have any number of labels, else null.
 * Throws EngineError 'datasetLayout' when the sample's shape cannot be told, and as `checkShape` does.
 */
export function followSample(
  sampleText: string,
  predictions: SubmissionPredictions,
  thresholds: readonly number[] | null,
): FollowedSample {
  const sample = readSample(sampleText);
  const shape = inferShape(sample, predictions.classes, thresholds);
  checkShape(predictions, shape);
  const index = indexPaths(predictions.paths);
  const found = sample.ids.map((id) => index.find(id, ''));
  const rows = sample.body.map((cells, row) => {
    const [position, ...others] = found[row] as readonly number[];
    if (position === undefined || others.length > 0) return cells;
    return [sample.ids[row] as string, ...predictionCells(predictions, shape, position)];
  });
  const text = formatCsv([sample.header, ...rows], sample);
  const hasSuffix = sample.ids.some(hasPictureSuffix);
  return {
    text,
    shape: shape.kind,
    hasSuffix,
    summary: `${describe(shape, predictions.classes)}; ids ${hasSuffix ? 'with' : 'without'} the ending of the file’s name.`,
    problems: [
      ...findGaps(sample, found, predictions),
      ...findClassGaps(sample, shape, predictions.classes),
      ...checkSubmission(text, expectationOf(sample, shape, thresholds)),
    ],
  };
}

function readSample(text: string): Sample {
  const parsed = parseCsv(text);
  const [header, ...body] = parsed.rows.map(({ cells }) => cells);
  if (header === undefined || header.length < 2 || body.length === 0) {
    throw new EngineError(
      'datasetLayout',
      'This sample has no rows to follow. A sample of a submission has a header with two columns or more and a row for each picture.',
    );
  }
  return { ...parsed, header, body, ids: body.map(([id]) => id ?? '') };
}

function inferShape(
  { header, body }: Sample,
  classes: readonly string[],
  thresholds: readonly number[] | null,
): SubmissionShape {
  const classIndexOf = new Map(classes.map((name, index) => [name, index]));
  const classIndices = header.slice(1).map((name) => classIndexOf.get(name.trim()) ?? null);
  if (classIndices.some((column) => column !== null)) return { kind: 'probabilities', classIndices };
  if (classIndices.length > 1) {
    throw new EngineError(
      'datasetLayout',
      `None of the sample’s columns (${listSome(header.slice(1))}) is one of your classes (${listSome(classes)}), so it belongs to other classes.`,
    );
  }
  const values = body.map(([, value]) => (value ?? '').trim());
  const hasClasses = values.some((value) => value.split(' ').some((word) => classIndexOf.has(word)));
  const hasNumbers = values.every((value) => value !== '' && Number.isFinite(Number(value)));
  if (hasNumbers && !hasClasses) return secondClassOf(classes, header[1] as string);
  return thresholds === null ? { kind: 'label' } : { kind: 'tags', thresholds };
}

/** One number for two classes is the probability of the second, as in the lesson's dogs and cats: id,label=p(dog). */
function secondClassOf(classes: readonly string[], column: string): SubmissionShape {
  if (classes.length === 2) return { kind: 'probabilities', classIndices: [1] };
  throw new EngineError(
    'datasetLayout',
    `The sample’s column “${column}” holds a number, and with ${classes.length} classes it is not clear which one it is about. Name the column after the class.`,
  );
}

function describe(shape: SubmissionShape, classes: readonly string[]): string {
  if (shape.kind === 'label') return 'The most probable class of each picture';
  if (shape.kind === 'tags') return 'All classes of each picture that are above their threshold';
  const [only, ...others] = shape.classIndices;
  if (others.length > 0) return `Probabilities in ${shape.classIndices.length} columns, one for each class`;
  return `The probability of “${classes[only as number]}”`;
}

function findGaps(sample: Sample, found: readonly (readonly number[])[], { paths }: SubmissionPredictions): string[] {
  const idsWhere = (fits: (count: number) => boolean) =>
    sample.ids.filter((_, row) => fits((found[row] as readonly number[]).length));
  const missing = idsWhere((count) => count === 0);
  const ambiguous = idsWhere((count) => count > 1);
  // Ids of one name share one list, which is long where all pictures are called the same.
  const used = new Set([...new Set(found)].flat());
  const unused = paths.filter((_, position) => !used.has(position));
  const kept = 'Their rows keep the sample’s own values.';
  return [
    ...(missing.length > 0 ? [`The sample asks for pictures that are not here: ${listSome(missing)}. ${kept}`] : []),
    ...(ambiguous.length > 0 ? [`Ids fit more than one picture: ${listSome(ambiguous)}. ${kept}`] : []),
    ...(unused.length > 0
      ? [`The sample does not ask for these pictures, so they are left out: ${listSome(unused)}.`]
      : []),
  ];
}

function findClassGaps({ header }: Sample, shape: SubmissionShape, classes: readonly string[]): string[] {
  if (shape.kind !== 'probabilities' || shape.classIndices.length < 2) return [];
  const unknown = header.slice(1).filter((_, column) => shape.classIndices[column] === null);
  const left = classes.filter((_, index) => !shape.classIndices.includes(index));
  return [
    ...(unknown.length > 0
      ? [`The network knows no class of these names, so their columns hold 0: ${listSome(unknown)}.`]
      : []),
    ...(left.length > 0
      ? [`The sample has no column for these classes, so they are left out: ${listSome(left)}.`]
      : []),
  ];
}

function expectationOf(
  sample: Sample,
  shape: SubmissionShape,
  thresholds: readonly number[] | null,
): ExpectedSubmission {
  const isSingleLabel = thresholds === null && sample.header.length > 2;
  const numbers = isSingleLabel ? 'probabilitiesThatAddUpToOne' : 'probabilities';
  return {
    delimiter: sample.delimiter,
    columns: sample.header,
    ids: sample.ids,
    values: shape.kind === 'probabilities' ? numbers : 'text',
  };
}
