// Pictures with any number of labels: the targets to train on, and the counts to look at first.

export interface LabelCount {
  readonly className: string;
  /** Pictures that have the label. */
  readonly count: number;
}

/** @returns 1 where the item has the class, else 0: [item, class]. Throws RangeError for a label that is no class. */
export function multiHotTargets(labels: readonly (readonly string[])[], classes: readonly string[]): Float32Array {
  const classIndexOf = new Map(classes.map((name, index) => [name, index]));
  const targets = new Float32Array(labels.length * classes.length); // [item, class]
  labels.forEach((names, item) => {
    for (const name of names) {
      const classIndex = classIndexOf.get(name);
      if (classIndex === undefined) throw new RangeError(`The label “${name}” is none of the classes.`);
      targets[item * classes.length + classIndex] = 1;
    }
  });
  return targets;
}

/** The most common label first, in the order of the classes where equally common. @param targets [item, class]. */
export function countLabels(targets: Float32Array, classes: readonly string[]): LabelCount[] {
  const counts = countCooccurrences(targets, classes.length);
  return classes
    .map((className, index) => ({ className, count: counts[index]?.[index] as number }))
    .sort((a, b) => b.count - a.count);
}

/** counts[class][other class]: items that have both; on the diagonal, items that have the class. @param targets [item, class]. */
export function countCooccurrences(targets: Float32Array, classCount: number): number[][] {
  const counts = Array.from({ length: classCount }, () => new Array<number>(classCount).fill(0));
  for (let start = 0; start < targets.length; start += classCount) {
    const present: number[] = [];
    for (let column = 0; column < classCount; column++) if (targets[start + column] === 1) present.push(column);
    for (const one of present) {
      const row = counts[one] as number[];
      for (const other of present) row[other] = (row[other] as number) + 1;
    }
  }
  return counts;
}
