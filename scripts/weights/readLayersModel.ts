// Reads a tfjs layers-model, as the converter of TensorFlow.js writes it: model.json (the Keras layers, then a manifest of the
// weights) and shards. Only plain 32-bit floats are read; whatever else is there is refused, never guessed at.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { joinBytes } from '../../src/engine/joinBytes.ts';
import { unexpectedPackage } from './fetchErrors.ts';

export interface StoredWeight {
  readonly shape: readonly number[];
  /** In Keras' layout: kernels [height, width, in, out], dense layers [in, out]. */
  readonly values: Float32Array;
}

export interface LayersModel {
  /** The Keras settings of each layer, by its name: strides, epsilon ... */
  readonly layers: ReadonlyMap<string, Readonly<Record<string, unknown>>>;
  /** By 'LAYER/WEIGHT': 'conv1/kernel'. */
  readonly weights: ReadonlyMap<string, StoredWeight>;
}

interface WeightEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: unknown;
}

interface ModelJson {
  readonly format?: string;
  readonly modelTopology?: {
    readonly model_config?: { readonly config?: { readonly layers?: readonly { config: { name: string } }[] } };
  };
  readonly weightsManifest?: readonly { readonly paths: readonly string[]; readonly weights: readonly WeightEntry[] }[];
}

const BYTES_PER_VALUE = 4;

/**
 * @param file the model.json; its shards lie beside it
 * @throws {SetupError} when it is not a layers-model of 32-bit floats, whole
 */
export function readLayersModel(file: string): LayersModel {
  const model = readJson(file);
  const layers = model.modelTopology?.model_config?.config?.layers;
  if (model.format !== 'layers-model' || !Array.isArray(layers) || !Array.isArray(model.weightsManifest)) {
    throw unexpectedPackage('its model.json is not a layers-model of TensorFlow.js');
  }
  const weights = new Map<string, StoredWeight>();
  for (const group of model.weightsManifest) {
    const bytes = joinShards(path.dirname(file), group.paths);
    let place = 0;
    for (const entry of group.weights) {
      const weight = readWeight(entry, bytes, place);
      place += weight.values.byteLength;
      weights.set(entry.name, weight);
    }
    if (place !== bytes.byteLength)
      throw unexpectedPackage(`its shards hold ${bytes.byteLength} bytes instead of ${place}`);
  }
  return { layers: new Map(layers.map(({ config }) => [config.name, config])), weights };
}

function readJson(file: string): ModelJson {
  if (!existsSync(file)) throw unexpectedPackage(`it has no ${path.basename(file)}`);
  try {
    // Looked at field by field above; nothing is believed until then.
    return JSON.parse(readFileSync(file, 'utf8')) as ModelJson;
  } catch {
    throw unexpectedPackage(`its ${path.basename(file)} is not JSON`);
  }
}

function joinShards(folder: string, names: readonly string[]): Uint8Array<ArrayBuffer> {
  const shards = names.map((name) => {
    // A shard is a file beside model.json; a name that leads elsewhere is none.
    const file = path.join(folder, path.basename(name));
    if (!existsSync(file)) throw unexpectedPackage(`its shard ${name} is missing`);
    return readFileSync(file);
  });
  return joinBytes(shards);
}

function readWeight({ name, shape, dtype, quantization }: WeightEntry, bytes: Uint8Array<ArrayBuffer>, place: number) {
  if (dtype !== 'float32' || quantization !== undefined) {
    throw unexpectedPackage(`its weight ${name} is not made of plain 32-bit floats`);
  }
  const count = shape.reduce((product, size) => product * size, 1);
  if (place + BYTES_PER_VALUE * count > bytes.byteLength)
    throw unexpectedPackage(`its shards end before the weight ${name}`);
  // The format is little-endian, as is every processor that Node runs on today.
  return { shape, values: new Float32Array(bytes.buffer, place, count) };
}
