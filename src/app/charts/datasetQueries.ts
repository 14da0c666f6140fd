// Pure questions about a data set: how many pictures where, how large they are.

import type { ClassCounts, DatasetSummary, PictureSummary, Split } from '../../protocol/dataset.ts';

export const splits: readonly Split[] = ['train', 'valid', 'test'];

/** A picture with several tags counts once. */
export function splitTotals(pictures: readonly PictureSummary[]): Readonly<Record<Split, number>> {
  const totals = { train: 0, valid: 0, test: 0 };
  for (const { split } of pictures) totals[split] += 1;
  return totals;
}

export type CountOrder = 'name' | 'count';

/** Each class's counts with its index, by name or the most pictures first; equally many stay sorted by name. */
export function orderCounts(
  counts: readonly ClassCounts[],
  order: CountOrder,
): readonly { readonly row: ClassCounts; readonly classIndex: number }[] {
  const indexed = counts.map((row, classIndex) => ({ row, classIndex }));
  if (order === 'name') return indexed;
  const total = ({ train, valid, test }: ClassCounts) => train + valid + test;
  return indexed.sort((a, b) => total(b.row) - total(a.row));
}

export interface HistogramBin {
  readonly fromPx: number;
  readonly toPx: number;
  readonly widths: number;
  readonly heights: number;
}

/** Widths and heights in shared bins of a round width; at most `maxBins` of them. */
export function sizeHistogram(pictures: readonly PictureSummary[], maxBins = 14): readonly HistogramBin[] {
  let low = Number.POSITIVE_INFINITY;
  let high = 0;
  for (const { widthPx, heightPx } of pictures) {
    low = Math.min(low, widthPx, heightPx);
    high = Math.max(high, widthPx, heightPx);
  }
  if (pictures.length === 0) return [];
  const binPx = roundBinWidth((high - low + 1) / maxBins);
  const startPx = Math.floor(low / binPx) * binPx;
  const binCount = Math.floor((high - startPx) / binPx) + 1;
  const widths = new Array<number>(binCount).fill(0);
  const heights = new Array<number>(binCount).fill(0);
  const add = (bins: number[], sizePx: number) => {
    const bin = Math.floor((sizePx - startPx) / binPx);
    bins[bin] = (bins[bin] ?? 0) + 1;
  };
  for (const { widthPx, heightPx } of pictures) {
    add(widths, widthPx);
    add(heights, heightPx);
  }
  return widths.map((count, bin) => ({
    fromPx: startPx + bin * binPx,
    toPx: startPx + (bin + 1) * binPx,
    widths: count,
    heights: heights[bin] ?? 0,
  }));
}

function roundBinWidth(atLeastPx: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, atLeastPx)));
  return magnitude * ([1, 2, 5, 10].find((factor) => factor * magnitude >= atLeastPx) ?? 10);
}

/** The pictures of a class and split; null stands for all of them. */
export function selectPictures(
  dataset: DatasetSummary,
  classIndex: number | null,
  split: Split | null,
): readonly PictureSummary[] {
  return dataset.pictures.filter(
    (picture) =>
      (classIndex === null || picture.classIndices?.includes(classIndex)) &&
      (split === null || picture.split === split),
  );
}

export function classCountsCsv(counts: readonly ClassCounts[]): string {
  const lines = counts.map((row) => [quoteCsv(row.className), row.train, row.valid, row.test].join(','));
  return `${['class,train,valid,test', ...lines].join('\n')}\n`;
}

/** Quotes a CSV field when it needs it, and keeps spreadsheets from reading it as a formula. */
export function quoteCsv(field: string): string {
  const harmless = /^[=+\-@\t\r\n＝＋－＠]/.test(field) ? `'${field}` : field;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** The class of a picture, or its tags, as text. @param unlabelled for a test picture that has none. */
export function nameLabels(
  { classIndices }: Pick<PictureSummary, 'classIndices'>,
  { classes }: Pick<DatasetSummary, 'classes'>,
  unlabelled: string,
): string {
  if (classIndices === null) return unlabelled;
  return classIndices.length === 0 ? 'no tag' : classIndices.map((index) => classes[index]).join(' ');
}

/** How many tags pictures have: at each place the number of labelled pictures with so many, from none up to the most. */
export function countTagsPerPicture(pictures: readonly PictureSummary[]): readonly number[] {
  const tagCounts = pictures.flatMap(({ classIndices }) => (classIndices === null ? [] : [classIndices.length]));
  const most = tagCounts.reduce((highest, count) => Math.max(highest, count), 0);
  const counts = new Array<number>(tagCounts.length === 0 ? 0 : most + 1).fill(0);
  for (const count of tagCounts) counts[count] = (counts[count] ?? 0) + 1;
  return counts;
}

/** Tags of a labelled picture in the mean; 0 where none is labelled. */
export function meanTagCount(pictures: readonly PictureSummary[]): number {
  const counts = countTagsPerPicture(pictures);
  const pictureCount = counts.reduce((sum, count) => sum + count, 0);
  return counts.reduce((sum, count, tagCount) => sum + count * tagCount, 0) / Math.max(1, pictureCount);
}
