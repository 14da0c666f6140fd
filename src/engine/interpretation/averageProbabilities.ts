// The mean of several opinions on the same items: snapshots of one run, folds, networks, looks at a picture.

/**
 * Mean of the members' probabilities, softmax or sigmoid alike (LESSON section 8); never of their logits or weights.
 * @param members each [item, class], items in the same order. Throws RangeError for none, or where sizes differ.
 */
export function averageProbabilities(members: readonly Float32Array[]): Float32Array {
  const [first, ...others] = members;
  if (!first) throw new RangeError('A mean needs at least one member.');
  if (others.some((other) => other.length !== first.length)) {
    throw new RangeError('Members of a mean have the same items and classes.');
  }
  return first.map((_, index) => {
    const sum = members.reduce((total, member) => total + (member[index] as number), 0);
    return sum / members.length;
  });
}
