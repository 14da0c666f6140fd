// The nouns of a data set as both sides speak of it. All structured-cloneable.

export type Split = 'train' | 'valid' | 'test';

/** A file as it was dropped or chosen. `path` uses `/` and starts inside the chosen folder, without its name. */
export interface DroppedFile {
  readonly path: string;
  readonly file: Blob;
}

/** How the folders were read: split folders with class folders inside, class folders alone, or pictures labelled by a table. */
export type DatasetLayout = 'splitFolders' | 'classFolders' | 'csv';

/** Whether each picture is of one class, or has any number of tags, none included. */
export type LabelKind = 'oneClass' | 'tags';

/** One picture that can be used. `id` is its position in `DatasetSummary.pictures`. */
export interface PictureSummary {
  readonly id: number;
  readonly path: string;
  readonly split: Split;
  /** Indices into `DatasetSummary.classes`: its class, or its tags in the order of the classes; null for an unlabelled test picture. */
  readonly classIndices: readonly number[] | null;
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The last three are about a table: a row without a picture, a picture without a row, a row that is not clear. */
export type SetAsideReason =
  | 'notAPicture'
  | 'broken'
  | 'unsupportedFormat'
  | 'tooLarge'
  | 'noClass'
  | 'unknownClass'
  | 'empty'
  | 'rowWithoutPicture'
  | 'pictureWithoutRow'
  | 'rowUnclear';

/** A file that is not used, and why. The file itself is never touched. */
export interface SetAsideFile {
  /** Of a row without a picture, what the row calls it. */
  readonly path: string;
  readonly reason: SetAsideReason;
  readonly sentence: string;
  /** Whether it is a picture of a size that can be shown; none of those that were too large or broken is. */
  readonly isShowable?: boolean;
}

export interface ClassCounts {
  readonly className: string;
  readonly train: number;
  readonly valid: number;
  readonly test: number;
}

/** A picture to check with that is also among those to learn from. */
export interface LeakedPair {
  readonly trainId: number;
  readonly validId: number;
}

export interface LeakList {
  /** Validation pictures with a twin. */
  readonly count: number;
  /** The first of them, each with one of its twins. */
  readonly pairs: readonly LeakedPair[];
}

/** Same bytes; and nearly the same look: scaled, saved anew, or taken a moment later. */
export interface Leaks {
  readonly exact: LeakList;
  readonly near: LeakList;
}

export type DatasetWarningCode =
  | 'leak'
  | 'classMissingInTrain'
  | 'classMissingInValid'
  | 'classTooSmall'
  | 'classOfTwo'
  | 'classNamesAlike'
  | 'nestedFolders'
  | 'unbalanced'
  | 'noValidation'
  | 'validationSmall'
  | 'filesSetAside';

export interface DatasetWarning {
  readonly code: DatasetWarningCode;
  /** Says what is wrong and the act that mends it. */
  readonly sentence: string;
}

/** How pictures are divided that no folder divides. */
export interface SplitOptions {
  /** 0..1 */
  readonly validationShare: number;
  readonly seed: number;
  /** Which slice of the lesson's get_cv_idxs validates, from 0. Without it a share of every class does. */
  readonly fold?: number;
  /** Everything is learnt from, whatever folders say, and nothing validates: for the last training before a submission. */
  readonly usesAll?: boolean;
}

export type SplitOrigin =
  | { readonly kind: 'folders' }
  /** Undone, the folders divide the pictures again, or the seed does. */
  | { readonly kind: 'all'; readonly hasFolderSplit: boolean }
  | { readonly kind: 'fold'; readonly fold: number; readonly validationShare: number; readonly seed: number }
  | { readonly kind: 'stratified'; readonly validationShare: number; readonly seed: number };

export interface DatasetSummary {
  readonly name: string;
  /** Hash over paths, sizes, labels, split and order: two data sets with the same fingerprint train the same. */
  readonly fingerprint: string;
  readonly layout: DatasetLayout;
  readonly splitOrigin: SplitOrigin;
  readonly labelKind: LabelKind;
  /** Sorted by UTF-16 code unit. */
  readonly classes: readonly string[];
  readonly counts: readonly ClassCounts[];
  readonly pictures: readonly PictureSummary[];
  readonly setAside: readonly SetAsideFile[];
  /** Left out in runs that were recorded before anybody looked. */
  readonly leaks?: Leaks;
  /** Junk such as `.DS_Store` and dot-folders, ignored by name. */
  readonly ignoredCount: number;
  /** In order of harm, the worst first. */
  readonly warnings: readonly DatasetWarning[];
}
