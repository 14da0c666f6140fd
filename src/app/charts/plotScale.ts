// The geometry of a chart: values to pixels, points to a path, a pixel back to the nearest row. Pure.

export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly isLog: boolean;
  readonly ticks: readonly number[];
  readonly format: (value: number) => string;
  /** What the axis counts, with its unit; null where the chart below says it. */
  readonly label: string | null;
}

/** The drawing's box inside the chart, in CSS pixels from its top left corner. */
export interface PlotBox {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** @returns where a value lies on its axis, 0 at `low` and 1 at `high`. */
export function shareOfAxis({ low, high, isLog }: Axis, value: number): number {
  if (isLog) return Math.log(value / low) / Math.log(high / low) || 0;
  return (value - low) / (high - low || 1);
}

export function toPixelX(axis: Axis, box: PlotBox, value: number): number {
  return box.left + shareOfAxis(axis, value) * (box.right - box.left);
}

export function toPixelY(axis: Axis, box: PlotBox, value: number): number {
  return box.bottom - shareOfAxis(axis, value) * (box.bottom - box.top);
}

/** @returns an SVG path through the points, in tenths of a pixel; empty for no points. */
export function linePath(
  points: readonly { readonly x: number; readonly y: number }[],
  xAxis: Axis,
  yAxis: Axis,
  box: PlotBox,
): string {
  return points
    .map(({ x, y }, index) => {
      const command = index === 0 ? 'M' : 'L';
      return `${command}${toPixelX(xAxis, box, x).toFixed(1)} ${toPixelY(yAxis, box, y).toFixed(1)}`;
    })
    .join('');
}

/** @returns the index of the value nearest to a pixel; `values` are sorted. -1 when there are none. */
export function nearestIndex(values: readonly number[], axis: Axis, box: PlotBox, pixelX: number): number {
  let nearest = -1;
  let smallestDistance = Number.POSITIVE_INFINITY;
  for (const [index, value] of values.entries()) {
    const distance = Math.abs(toPixelX(axis, box, value) - pixelX);
    if (distance < smallestDistance) {
      smallestDistance = distance;
      nearest = index;
    }
  }
  return nearest;
}
