// Makes long curves short enough to draw: at most so many points, and every peak and dip still there.

export interface CurvePoint {
  readonly x: number;
  readonly y: number;
}

/** The most points that one curve is drawn with. */
export const maxDrawnPoints = 300;

/**
 * Cuts a curve (sorted by x) into buckets and keeps each bucket's lowest and highest point, in order,
 * and the very first and last point. A short curve comes back as it is.
 */
export function bucketMinMax<Point extends CurvePoint>(
  points: readonly Point[],
  maxPoints = maxDrawnPoints,
): readonly Point[] {
  const first = points[0];
  const last = points[points.length - 1];
  if (points.length <= maxPoints || first === undefined || last === undefined) return points;
  const bucketCount = Math.max(1, Math.floor((maxPoints - 2) / 2));
  const innerCount = points.length - 2;
  const kept: Point[] = [first];
  for (let bucket = 0; bucket < bucketCount; bucket++) {
    const start = 1 + Math.floor((bucket * innerCount) / bucketCount);
    const end = 1 + Math.floor(((bucket + 1) * innerCount) / bucketCount);
    kept.push(...lowestAndHighest(points, start, end));
  }
  kept.push(last);
  return kept;
}

function lowestAndHighest<Point extends CurvePoint>(points: readonly Point[], start: number, end: number): Point[] {
  let lowest = points[start];
  let highest = points[start];
  for (let index = start + 1; index < end; index++) {
    const point = points[index];
    if (point === undefined || lowest === undefined || highest === undefined) break;
    if (point.y < lowest.y) lowest = point;
    if (point.y > highest.y) highest = point;
  }
  if (lowest === undefined || highest === undefined) return [];
  if (lowest === highest) return [lowest];
  return lowest.x < highest.x ? [lowest, highest] : [highest, lowest];
}
