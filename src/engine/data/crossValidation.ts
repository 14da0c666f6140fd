// Items -> training and validation part of one fold, by the lesson's get_cv_idxs (LESSON section 5.3). For a table whose
// classes are too many, or too mixed, for a share of each.

import { EngineError } from '../../protocol/errors.ts';
import { type CrossValidationOptions, crossValidationIndices } from './split.ts';

export interface SplitItems<Item> {
  readonly train: readonly Item[];
  readonly valid: readonly Item[];
}

/** Both parts keep the items' order. Throws EngineError 'settingInvalid' when a part would have no item. */
export function splitForFold<Item>(items: readonly Item[], options: CrossValidationOptions = {}): SplitItems<Item> {
  const indices = crossValidationIndices(items.length, options);
  if (indices.length === 0 || indices.length === items.length) {
    const act =
      indices.length === 0
        ? 'validate with. Choose an earlier fold or a larger share'
        : 'train on. Choose a smaller share';
    throw new EngineError('settingInvalid', `Of ${items.length} pictures, this fold and share leave none to ${act}.`);
  }
  return splitByIndices(items, indices);
}

/** In the items' order, whatever the order of the indices: the lesson splits by a mask. */
export function splitByIndices<Item>(items: readonly Item[], validIndices: readonly number[]): SplitItems<Item> {
  const isValid = items.map(() => false);
  for (const index of validIndices) isValid[index] = true;
  return {
    train: items.filter((_, index) => !isValid[index]),
    valid: items.filter((_, index) => isValid[index]),
  };
}
