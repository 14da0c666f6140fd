// Checkpoints for tests, made from our own graphs: names, shapes and numbers that a trained network could have.

import { sizeOf } from '../graph/graph.ts';
import type { Architecture } from '../models/architecture.ts';
import type { CheckpointTensor } from '../models/checkpoints/checkpoint.ts';
import { namingSchemesOf } from '../models/checkpoints/namingSchemes.ts';
import { buildClassifier } from '../models/head.ts';
import { torchShape } from '../models/weights/tensorLayout.ts';
import { writeTensors } from '../models/weights/writeSafetensors.ts';
import type { TorchTensor } from './torchZip.ts';

export function namesAndShapes(architecture: Architecture, schemeIndex = 0): Map<string, CheckpointTensor> {
  const { parameters } = buildClassifier(architecture, architecture.imageSizePx, 1000);
  const scheme = namingSchemesOf(parameters)[schemeIndex];
  if (!scheme) throw new RangeError(`${architecture.id} has no scheme of names ${schemeIndex}.`);
  return new Map(parameters.map((spec) => [scheme.nameOf(spec.name), zeros(torchShape(spec))] as const));
}

/** 3x3x512x512 and 1000x2048 are the largest; one memory serves where only names and shapes are of interest. */
const ZEROS = new Float32Array(9 * 1024 * 512);

export function zeros(shape: readonly number[], dtype: CheckpointTensor['dtype'] = 'F32'): CheckpointTensor {
  return {
    dtype,
    shape,
    get values() {
      return ZEROS.subarray(0, sizeOf(shape));
    },
  };
}

/**
 * What the tensor at a place of its file holds: value i is ((31 * place + i) mod 1024) / 1024, a float exactly, and no
 * negative variance.
 */
export function numbersAt(place: number, count: number): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = ((place * 31 + i) % 1024) / 1024;
  return values;
}

/** The same tensors with numbers, as a safetensors file. */
export function makeSafetensors(tensors: ReadonlyMap<string, CheckpointTensor>): Uint8Array<ArrayBuffer> {
  const written = [...tensors].map(([name, { shape }], place) => ({
    name,
    shape,
    values: numbersAt(place, sizeOf(shape)),
  }));
  return writeTensors(written, { format: 'pt' });
}

/** The same tensors with numbers, as torch.save would store them, and PyTorch's counters among them. */
export function asTorchTensors(tensors: ReadonlyMap<string, CheckpointTensor>): Map<string, TorchTensor> {
  const stored = new Map<string, TorchTensor>();
  [...tensors].forEach(([name, { shape }], place) => {
    const bytes = new Uint8Array(numbersAt(place, sizeOf(shape)).buffer);
    stored.set(name, { storageType: 'FloatStorage', shape, bytes });
    if (!name.endsWith('running_var')) return;
    const counter = name.replace('running_var', 'num_batches_tracked');
    stored.set(counter, { storageType: 'LongStorage', shape: [], bytes: new Uint8Array(BigInt64Array.of(7n).buffer) });
  });
  return stored;
}
