// The nouns of a file of predictions, as a competition wants it. All structured-cloneable.

/** Whether a file is called as competitions call their example of what they want back: it labels nothing, and predictions follow it. */
export function isSubmissionSample(path: string): boolean {
  return /(^|\/)sample[-_ ]?sub[^/]*\.csv$/i.test(path);
}

export type SubmissionShapeKind = 'probabilities' | 'label' | 'tags';

/** How a picture is called: its name without folder and ending, as the lesson writes it; its name; or its whole path. */
export type SubmissionIdForm = 'name' | 'nameWithSuffix' | 'path';

export type SubmissionForm =
  /** The columns, ids and rows of this file, letter by letter. */
  | { readonly kind: 'sample'; readonly file: Blob }
  | {
      readonly kind: 'shape';
      readonly shape: SubmissionShapeKind;
      readonly idForm: SubmissionIdForm;
      /** Names that a spreadsheet would take for formulas stay as they are, for a machine that compares them. */
      readonly isVerbatim: boolean;
    };

export interface SubmissionOrder {
  readonly form: SubmissionForm;
  /** For each class, above which probability its tag is given; null where each picture is of one class. */
  readonly thresholds: readonly number[] | null;
}

export interface Submission {
  readonly text: string;
  readonly fileName: string;
  /** What the file holds and how it was made, in sentences. */
  readonly notes: readonly string[];
  /** What a competition would refuse, in sentences, the most harmful first; none when the file can be sent. */
  readonly problems: readonly string[];
}
