// Which file did a misspelt row mean? The names that differ from it by the fewest typed characters.

/** More differences than this are another name, not a typing mistake. */
const MAX_DISTANCE = 3;

/**
 * Positions of the nearest names, nearest first, in the given order where equally near. A third of a short name's
 * characters may differ. Numbers that lost their leading zeros, as spreadsheets do to them, count as equal.
 */
export function nearestNames(wanted: string, names: readonly string[], limit: number): number[] {
  const word = withoutZeros(wanted.toLowerCase());
  const mostAllowed = Math.min(MAX_DISTANCE, Math.max(1, Math.floor(word.length / 3)));
  return names
    .map((name, position) => ({
      position,
      distance: editDistance(word, withoutZeros(name.toLowerCase()), mostAllowed),
    }))
    .filter(({ distance }) => distance <= mostAllowed)
    .sort((a, b) => a.distance - b.distance)
    .slice(0, limit)
    .map(({ position }) => position);
}

function withoutZeros(name: string): string {
  return name.replace(/^0+(?=\d+$)/, '');
}

/** Levenshtein's distance; Infinity as soon as it must be over `most`, which unlike words reach in a few rows. */
export function editDistance(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) > most) return Number.POSITIVE_INFINITY;
  let above = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const changed = (above[column - 1] as number) + (a[row - 1] === b[column - 1] ? 0 : 1);
      current.push(Math.min(changed, (above[column] as number) + 1, (current[column - 1] as number) + 1));
    }
    if (current.every((distance) => distance > most)) return Number.POSITIVE_INFINITY;
    above = current;
  }
  const distance = above[b.length] as number;
  return distance > most ? Number.POSITIVE_INFINITY : distance;
}
