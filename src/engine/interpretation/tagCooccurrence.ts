// Which tags come together. With true tags in the rows and predicted ones in the columns it is what pictures of many tags have
// in place of a confusion matrix: a tag that is often added where another is true stands out.

/**
 * counts[row tag][column tag]: items that have the one among `rows` and the other among `columns`. True tags against
 * themselves show what comes together in the pictures; the diagonal then counts each tag.
 * @param rows 0 or 1 [item, class], as @param columns, items in the same order.
 */
export function countCooccurrences(rows: Float32Array, columns: Float32Array, classCount: number): number[][] {
  const counts = Array.from({ length: classCount }, () => Array.from({ length: classCount }, () => 0));
  for (let start = 0; start < rows.length; start += classCount) {
    for (const [rowTag, row] of counts.entries()) {
      if (rows[start + rowTag] !== 1) continue;
      for (let columnTag = 0; columnTag < classCount; columnTag++) {
        row[columnTag] = (row[columnTag] as number) + (columns[start + columnTag] as number);
      }
    }
  }
  return counts;
}
