// The items that cost most: where a network is wrong and sure of it, or where a label is wrong.

export interface ItemLoss {
  readonly item: number;
  readonly loss: number;
}

/**
 * Items by falling loss; of equals the first item first.
 * @param losses one for each item (itemLogLosses, itemBinaryCrossEntropies); @param count all unless told.
 */
export function topLosses(losses: Float64Array, count = losses.length): ItemLoss[] {
  return Array.from(losses, (loss, item) => ({ item, loss }))
    .sort((a, b) => b.loss - a.loss)
    .slice(0, count);
}
