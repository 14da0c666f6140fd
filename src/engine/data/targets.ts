// What a network should say of each item: the class that it is of, or for every class whether it is there. The kind decides loss,
// activation and score wherever items are trained on or judged.

import type { DatasetSummary, LabelKind, PictureSummary } from '../../protocol/dataset.ts';

export type Targets =
  /** Class index of each item. */
  | { readonly kind: 'oneClass'; readonly values: Int32Array; readonly classCount: number }
  /** 0 or 1 [item, class]. */
  | { readonly kind: 'tags'; readonly values: Float32Array; readonly classCount: number };

export type TargetsOf<Kind extends LabelKind> = Extract<Targets, { readonly kind: Kind }>;

/** @param classIndices of each item: its one class, or its tags. Throws RangeError for an item of a class that has not one. */
export function makeTargets(
  kind: LabelKind,
  classIndices: readonly (readonly number[])[],
  classCount: number,
): Targets {
  if (kind === 'oneClass') {
    const values = Int32Array.from(classIndices, (indices, item) => {
      if (indices.length !== 1) throw new RangeError(`Item ${item} has ${indices.length} classes and not one.`);
      return indices[0] as number;
    });
    return { kind, values, classCount };
  }
  const values = new Float32Array(classIndices.length * classCount);
  for (const [item, indices] of classIndices.entries()) {
    for (const classIndex of indices) values[item * classCount + classIndex] = 1;
  }
  return { kind, values, classCount };
}

/** @param pictures labelled ones of the data set. */
export function targetsOfPictures(
  pictures: readonly Pick<PictureSummary, 'classIndices'>[],
  { labelKind, classes }: Pick<DatasetSummary, 'labelKind' | 'classes'>,
): Targets {
  return makeTargets(
    labelKind,
    pictures.map(({ classIndices }) => classIndices ?? []),
    classes.length,
  );
}

export function countItems({ kind, values, classCount }: Targets): number {
  return kind === 'oneClass' ? values.length : values.length / classCount;
}

/** Those of some items, in the order given; an item may come more than once. */
export function pickTargets(targets: Targets, items: readonly number[]): Targets {
  if (targets.kind === 'oneClass') {
    const { values } = targets;
    return { ...targets, values: Int32Array.from(items, (item) => values[item] as number) };
  }
  const { values, classCount } = targets;
  const picked = new Float32Array(items.length * classCount);
  for (const [place, item] of items.entries()) {
    picked.set(values.subarray(item * classCount, (item + 1) * classCount), place * classCount);
  }
  return { ...targets, values: picked };
}

/** The classes of each item. */
export function classIndicesOf(targets: Targets): number[][] {
  if (targets.kind === 'oneClass') return Array.from(targets.values, (classIndex) => [classIndex]);
  const { values, classCount } = targets;
  const classes = Array.from({ length: classCount }, (_, classIndex) => classIndex);
  return Array.from({ length: countItems(targets) }, (_, item) =>
    classes.filter((classIndex) => values[item * classCount + classIndex] === 1),
  );
}
