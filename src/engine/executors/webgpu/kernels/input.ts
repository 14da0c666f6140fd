// A batch on its way into the network: numbers as they come, or stored pictures seen through an augmentation. Channels are
// filled up to a multiple of four with zeros, and items that are only padding are zero.

import { assembleKernel, type Kernel, STEP_BINDING, vectors, words } from './kernel.ts';

const LANES = 256;

export interface InputShape {
  readonly batch: number;
  readonly rowsPerItem: number;
  readonly channels: number;
}

/** Bindings: source [item, row, channel] without gaps, result, step. */
export function unpackNumbers({ batch, rowsPerItem, channels }: InputShape): Kernel {
  const channelVectors = Math.ceil(channels / 4);
  const count = batch * rowsPerItem * channelVectors;
  return assembleKernel({
    family: 'input',
    bindings: [{ name: 'source', type: 'array<f32>', access: 'read' }, vectors('result', 'readWrite'), STEP_BINDING],
    declarations: '',
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u) { return; }
  var value = vec4<f32>();
  if (at < step.itemCount * ${rowsPerItem * channelVectors}u) {
    let first = 4u * (at % ${channelVectors}u);
    for (var part = 0u; part < 4u; part++) {
      if (first + part < ${channels}u) { value[part] = source[at / ${channelVectors}u * ${channels}u + first + part]; }
    }
  }
  result[at] = value;`,
    work: { flops: 0, bytes: 16 * count + 4 * batch * rowsPerItem * channels },
  });
}

/** Words of one view: place of the picture in bytes, width, height, mean (f32), the matrix (6 f32), brightness, contrast. */
export const VIEW_WORDS = 12;

export interface PictureInputShape {
  readonly batch: number;
  readonly height: number;
  readonly width: number;
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * augment/pictureTransform.ts in one pass: cubic with mirrored borders, lighting, normalising.
 * Bindings: pictures (red green blue bytes, packed in words), views [item, VIEW_WORDS], result, step.
 */
export function viewPictures({ batch, height, width, mean, std }: PictureInputShape): Kernel {
  const count = batch * height * width;
  const triple = (values: readonly number[]) => `vec3<f32>(${values.map((value) => asFloat(value)).join(', ')})`;
  return assembleKernel({
    family: 'input',
    bindings: [words('pictures', 'read'), words('views', 'read'), vectors('result', 'readWrite'), STEP_BINDING],
    declarations: `fn mirror(position: i32, size: i32) -> i32 {
  // ... 2 1 0 | 0 1 2 ... : a period of twice the size.
  let inPeriod = ((position % (2 * size)) + 2 * size) % (2 * size);
  return select(2 * size - 1 - inPeriod, inPeriod, inPeriod < size);
}
fn byteAt(place: u32) -> f32 {
  return f32((pictures[place / 4u] >> (8u * (place % 4u))) & 255u);
}
fn pixelAt(place: u32) -> vec3<f32> {
  return vec3<f32>(byteAt(place), byteAt(place + 1u), byteAt(place + 2u));
}
fn cubicWeights(share: f32) -> vec4<f32> {
  let square = share * share;
  let cube = square * share;
  return vec4<f32>(
    -0.5 * share + square - 0.5 * cube,
    1.0 - 2.5 * square + 1.5 * cube,
    0.5 * share + 2.0 * square - 1.5 * cube,
    -0.5 * square + 0.5 * cube);
}`,
    workgroupSize: LANES,
    groupCount: Math.ceil(count / LANES),
    body: `  let at = group * ${LANES}u + lane;
  if (at >= ${count}u) { return; }
  let item = at / ${height * width}u;
  if (item >= step.itemCount) { result[at] = vec4<f32>(); return; }
  let view = item * ${VIEW_WORDS}u;
  let start = views[view];
  let size = vec2<i32>(i32(views[view + 1u]), i32(views[view + 2u]));
  let pictureMean = bitcast<f32>(views[view + 3u]);
  let place = vec2<f32>(f32(at % ${width}u), f32(at / ${width}u % ${height}u));
  let sourceX = bitcast<f32>(views[view + 4u]) * place.x + bitcast<f32>(views[view + 5u]) * place.y + bitcast<f32>(views[view + 6u]);
  let sourceY = bitcast<f32>(views[view + 7u]) * place.x + bitcast<f32>(views[view + 8u]) * place.y + bitcast<f32>(views[view + 9u]);
  let left = i32(floor(sourceX)); let top = i32(floor(sourceY));
  let columnWeights = cubicWeights(sourceX - floor(sourceX)); let rowWeights = cubicWeights(sourceY - floor(sourceY));
  var sum = vec3<f32>();
  for (var row = 0; row < 4; row++) {
    let rowStart = start + 3u * u32(mirror(top - 1 + row, size.y) * size.x);
    for (var column = 0; column < 4; column++) {
      sum += rowWeights[row] * columnWeights[column] * pixelAt(rowStart + 3u * u32(mirror(left - 1 + column, size.x)));
    }
  }
  let sample = clamp(sum, vec3<f32>(), vec3<f32>(255.0)) / 255.0;
  let brightness = bitcast<f32>(views[view + 10u]); let contrast = bitcast<f32>(views[view + 11u]);
  let lit = clamp((sample - pictureMean) * contrast + pictureMean + brightness, vec3<f32>(), vec3<f32>(1.0));
  result[at] = vec4<f32>((lit - ${triple(mean)}) / ${triple(std)}, 0.0);`,
    work: { flops: 160 * count, bytes: 64 * count },
  });
}

function asFloat(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : `${value}`;
}
