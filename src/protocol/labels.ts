// The nouns of a table of labels: what a person says about it, and what the engine finds with that. All structured-cloneable.

/** What a table means: guessed by `describeLabels`, corrected by the person, believed by `openDataset`. */
export interface LabelOptions {
  /** Of the table, among the dropped files. */
  readonly tablePath: string;
  /** Stands between cells. */
  readonly delimiter: string;
  readonly hasHeader: boolean;
  /** From 0, like `labelColumn`. */
  readonly idColumn: number;
  readonly labelColumn: number;
  /** Such as '.jpg', added to ids that lack it; '' finds a picture whatever its suffix. */
  readonly suffix: string;
  /** Stands between the labels of one picture; null where a label may hold anything and each picture has one. */
  readonly separator: string | null;
}

export interface TableRow {
  /** As a spreadsheet counts, from 1. */
  readonly rowNumber: number;
  readonly cells: readonly string[];
}

/** A row whose picture was not dropped. */
export interface UnmatchedLabel {
  readonly rowNumber: number;
  readonly id: string;
  /** Pictures without a row that are called almost the same, nearest first. */
  readonly nearestPaths: readonly string[];
}

/** What a table would give with these options: a mapping panel draws it and starts its choices from it. */
export interface LabelDescription {
  readonly options: LabelOptions;
  readonly tablePaths: readonly string[];
  /** Other tables with the chosen one's header, whose rows are read together with its own. */
  readonly siblingPaths: readonly string[];
  /** Delimiters that make a table of this text; another than one means that a person must say. */
  readonly likelyDelimiters: readonly string[];
  readonly columnCount: number;
  /** The first rows, a header included. */
  readonly firstRows: readonly TableRow[];
  /** Rows that can be read, without the header. */
  readonly rowCount: number;
  /** Rows that name exactly one picture. */
  readonly matchedCount: number;
  readonly unmatchedCount: number;
  readonly firstUnmatched: readonly UnmatchedLabel[];
  /** Rows whose name fits several pictures. */
  readonly ambiguousCount: number;
  readonly unreadableCount: number;
  /** Pictures that rows may name; those of a test folder are counted apart. */
  readonly pictureCount: number;
  readonly testCount: number;
  readonly withoutRowCount: number;
  /** Of the rows that name a picture, sorted by code unit. */
  readonly classes: readonly string[];
  /** Some cell holds several labels, by the separator: every picture then has tags. */
  readonly hasSeveralLabels: boolean;
  /** Why pictures cannot be opened with these options; null when they can. */
  readonly problem: string | null;
}
