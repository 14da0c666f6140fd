// Sums over the pixels of a workgroup whose lanes are channel groups times pixels, for kernels without a product's tile:
// statistics for batch norm, and the sums its gradient needs. Always in the same order.

/** Lane l works on channel group l % channelLanes and pixel lane l / channelLanes. */
export interface LaneLayout {
  readonly channelLanes: number;
  readonly pixelLanes: number;
}

const LANE_COUNT = 256;
/** Eight vec4s are 128 bytes, one cache line. */
const MOST_CHANNEL_LANES = 8;

export function layOutLanes(channelVectors: number, laneCount = LANE_COUNT): LaneLayout {
  let channelLanes = 1;
  while (channelLanes < Math.min(channelVectors, MOST_CHANNEL_LANES, laneCount)) channelLanes *= 2;
  return { channelLanes, pixelLanes: laneCount / channelLanes };
}

export function laneCountOf({ channelLanes, pixelLanes }: LaneLayout): number {
  return channelLanes * pixelLanes;
}

/** Workgroup memory that sumOverPixels uses. */
export function declareLaneTile(layout: LaneLayout): string {
  return `var<workgroup> laneTile: array<vec4<f32>, ${laneCountOf(layout)}>;`;
}

/**
 * Adds the variable `name` over the pixel lanes; afterwards laneTile[0 .. channelLanes) holds the sums. Two stages, so
 * that no lane adds more than a few values. Must stand in uniform control flow.
 */
export function sumOverPixels({ channelLanes, pixelLanes }: LaneLayout, name: string): string {
  // Each lane reads back its own place only.
  if (pixelLanes === 1) return `  laneTile[lane] = ${name};`;
  const inner = Math.min(pixelLanes, 8);
  const outer = pixelLanes / inner;
  return `  laneTile[lane] = ${name};
  workgroupBarrier();
  if (lane < ${channelLanes * inner}u) {
    var added = laneTile[lane];
    for (var other = 1u; other < ${outer}u; other++) { added += laneTile[lane + other * ${channelLanes * inner}u]; }
    laneTile[lane] = added;
  }
  workgroupBarrier();
  if (lane < ${channelLanes}u) {
    var added = laneTile[lane];
    for (var other = 1u; other < ${inner}u; other++) { added += laneTile[lane + other * ${channelLanes}u]; }
    laneTile[lane] = added;
  }
  workgroupBarrier();`;
}

/** Between reading the sums and the next use of laneTile; lanes that only read back their own place need none. */
export function barrierAfterSum({ pixelLanes }: LaneLayout): string {
  return pixelLanes === 1 ? '' : '  workgroupBarrier();';
}

export interface StoreMoments {
  readonly layout: LaneLayout;
  readonly channelVectors: number;
  /** Names of the values of a lane and, beside each, of the bool that says whether it counts. */
  readonly values: readonly { readonly value: string; readonly isValid: string }[];
  /** u32: how many pixels of the tile count. */
  readonly validCount: string;
  /** u32: this workgroup's tile. */
  readonly tile: string;
}

/** Partials: [tile, 2, channel]: mean and sum of squared deviations. Knows `channel`, `isChannel`, `lane`, `pixelLane`. */
export function storeMoments({ layout, channelVectors, values, validCount, tile }: StoreMoments): string {
  return `  var total = vec4<f32>();
${values.map(({ value, isValid }) => `  total += select(vec4<f32>(), ${value}, ${isValid});`).join('\n')}
${sumOverPixels(layout, 'total')}
  let mean = laneTile[lane % ${layout.channelLanes}u] / max(f32(${validCount}), 1.0);
${barrierAfterSum(layout)}
  var spread = vec4<f32>();
${values.map(({ value, isValid }) => `  { let away = ${value} - mean; spread += select(vec4<f32>(), away * away, ${isValid}); }`).join('\n')}
${sumOverPixels(layout, 'spread')}
${storePair(channelVectors, tile, 'mean', 'laneTile[lane]')}`;
}

/** Partials: [tile, 2, channel]: the sums of the variables `first` and `second`. */
export function storeSums(
  layout: LaneLayout,
  channelVectors: number,
  tile: string,
  first: string,
  second: string,
): string {
  return `${sumOverPixels(layout, first)}
  let firstSum = laneTile[lane % ${layout.channelLanes}u];
${barrierAfterSum(layout)}
${sumOverPixels(layout, second)}
${storePair(channelVectors, tile, 'firstSum', 'laneTile[lane]')}`;
}

function storePair(channelVectors: number, tile: string, first: string, second: string): string {
  return `  if (pixelLane == 0u && isChannel) {
    partials[${tile} * ${2 * channelVectors}u + channel] = ${first};
    partials[${tile} * ${2 * channelVectors}u + ${channelVectors}u + channel] = ${second};
  }`;
}

/** Declares lanes of a workgroup whose number is (pixel tile, channel tile): channel, isChannel, pixelLane, pixelTile. */
export function declareLanes(layout: LaneLayout, channelVectors: number): string {
  const channelTiles = Math.ceil(channelVectors / layout.channelLanes);
  return `  let pixelTile = group / ${channelTiles}u;
  let pixelLane = lane / ${layout.channelLanes}u;
  let laneChannel = group % ${channelTiles}u * ${layout.channelLanes}u + lane % ${layout.channelLanes}u;
  let isChannel = laneChannel < ${channelVectors}u;
  let channel = min(laneChannel, ${channelVectors - 1}u);`;
}

export function countChannelTiles(layout: LaneLayout, channelVectors: number): number {
  return Math.ceil(channelVectors / layout.channelLanes);
}

/** Names value0, value1, ... with isValid0, isValid1, ... */
export function numberedValues(count: number): { value: string; isValid: string }[] {
  return Array.from({ length: count }, (_, index) => ({ value: `value${index}`, isValid: `isValid${index}` }));
}
