// Reads a state dict that torch.save wrote (a zip, PyTorch 1.6 or newer): .pth, .pt. The file is treated as hostile: its
// pickle is read as data (pickle.ts), and every size, offset and stride is checked before a byte is used.

import { BYTES_PER_VALUE, type StoredDtype, toFloat32 } from '../weights/storedNumbers.ts';
import { type Checkpoint, type CheckpointTensor, FETCH_AGAIN, quote, refuseCheckpoint } from './checkpoint.ts';
import { readPickle, type TensorReference } from './pickle.ts';
import { openTorchArchive, type TorchArchive } from './torchArchive.ts';
import { findStateDict } from './torchStateDict.ts';

/** By the names of PyTorch's storages. */
export const DTYPES: Readonly<Record<string, StoredDtype>> = {
  FloatStorage: 'F32',
  HalfStorage: 'F16',
  BFloat16Storage: 'BF16',
  DoubleStorage: 'F64',
  LongStorage: 'I64',
};

/**
 * The tensors of a file. It stays in memory as long as one of them is used, and their values are made when asked for.
 * Throws EngineError 'weightsDamaged' with a sentence for anything that is not a plain, sound state dict.
 */
export async function readTorchZip(file: Uint8Array<ArrayBuffer>): Promise<Checkpoint> {
  return readTorchArchive(await openTorchArchive(file), 'torchZip');
}

/** The tensors of an opened archive, of whatever container. Throws EngineError 'weightsDamaged'. */
export function readTorchArchive(archive: TorchArchive, format: Checkpoint['format']): Checkpoint {
  checkByteOrder(archive);
  const { tensors, metadata, notes } = findStateDict(readPickle(archive.read('data.pkl')));
  const opened = [...tensors].map(([name, reference]) => [name, openTensor(archive, name, reference)] as const);
  return { format, tensors: new Map(opened), metadata, notes };
}

function checkByteOrder(archive: TorchArchive): void {
  // Files from before PyTorch 2.1 do not say it.
  if (archive.sizeOf('byteorder') === null) return;
  const order = new TextDecoder().decode(archive.read('byteorder'));
  if (order !== 'little')
    throw refuseCheckpoint(`its numbers are stored in the byte order ${quote(order)}, not “little”`);
}

function openTensor(archive: TorchArchive, name: string, reference: TensorReference): CheckpointTensor {
  const { storage, shape } = reference;
  const dtype = Object.hasOwn(DTYPES, storage.type) ? DTYPES[storage.type] : undefined;
  if (!dtype) {
    throw refuseCheckpoint(
      `its tensor ${quote(name)} is of the type ${quote(storage.type)}, and the studio reads 16-, 32- and 64-bit floats`,
    );
  }
  const path = `data/${storage.key}`;
  // PyTorch leaves the entry of an empty storage out at times.
  const sizeBytes = archive.sizeOf(path) ?? (storage.valueCount === 0 ? 0 : null);
  if (sizeBytes !== storage.valueCount * BYTES_PER_VALUE[dtype]) {
    throw refuseCheckpoint(
      `the numbers of its tensor ${quote(name)} are not where its list of tensors says`,
      FETCH_AGAIN,
    );
  }
  checkExtent(name, reference);
  return {
    dtype,
    shape,
    get values() {
      return readValues(archive, path, dtype, reference);
    },
  };
}

/** All values lie inside the storage, and are no more than it holds: a tensor that repeats a few may be of any size. */
function checkExtent(name: string, reference: TensorReference): void {
  const { storage, shape } = reference;
  if (countOf(shape) > storage.valueCount) {
    throw refuseCheckpoint(`its tensor ${quote(name)} has more values than are stored for it`);
  }
  if (endOf(reference) > storage.valueCount) {
    throw refuseCheckpoint(`its tensor ${quote(name)} reaches beyond the numbers that are stored for it`, FETCH_AGAIN);
  }
}

/** One past the last value in the storage. */
function endOf({ offset, shape, strides }: TensorReference): number {
  if (countOf(shape) === 0) return offset;
  return shape.reduce((last, size, axis) => last + (size - 1) * (strides[axis] as number), offset) + 1;
}

function countOf(shape: readonly number[]): number {
  return shape.includes(0) ? 0 : shape.reduce((product, size) => product * size, 1);
}

function readValues(archive: TorchArchive, path: string, dtype: StoredDtype, reference: TensorReference): Float32Array {
  const count = countOf(reference.shape);
  if (count === 0) return new Float32Array();
  const width = BYTES_PER_VALUE[dtype];
  const span = archive.read(path).subarray(reference.offset * width, endOf(reference) * width);
  const values = toFloat32(dtype, span);
  return isRowMajor(reference) ? values : gather(values, reference, count);
}

function isRowMajor({ shape, strides }: TensorReference): boolean {
  let expected = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const size = shape[axis] as number;
    if (size !== 1 && strides[axis] !== expected) return false;
    expected *= size;
  }
  return true;
}

/** Values of a transposed or sliced tensor in row-major order. */
function gather(values: Float32Array, { shape, strides }: TensorReference, count: number): Float32Array {
  const result = new Float32Array(count);
  const position = shape.map(() => 0);
  let source = 0;
  for (let i = 0; i < count; i++) {
    result[i] = values[source] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (position[axis] as number) + 1;
      source += strides[axis] as number;
      if (next < (shape[axis] as number)) {
        position[axis] = next;
        break;
      }
      source -= next * (strides[axis] as number);
      position[axis] = 0;
    }
  }
  return result;
}
