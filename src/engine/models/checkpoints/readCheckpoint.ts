// A file of trained weights from anywhere -> its tensors. What it is, its first bytes say, never its name.

import { EngineError } from '../../../protocol/errors.ts';
import { openSafetensors, readMetadata } from '../weights/safetensors.ts';
import { type Checkpoint, FETCH_AGAIN, HOW_TO_SAVE, refuseCheckpoint } from './checkpoint.ts';
import { readTorchZip } from './readTorchZip.ts';

/** A ResNeXt-101 with Adam's two moments is 1 GB. */
export const MOST_CHECKPOINT_BYTES = 2 ** 30;
const ZIP = [0x50, 0x4b, 0x03, 0x04];
/** LONG1 of ten bytes: PyTorch's own magic number 0x1950a86a20f9469cfc6c, which legacy files begin with. */
const LEGACY_MAGIC = [0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19];
const PICKLE_PROTOCOL = 0x80;
const TAR = { at: 257, magic: [0x75, 0x73, 0x74, 0x61, 0x72] } as const;
const HDF5 = [0x89, 0x48, 0x44, 0x46];
const OPEN_BRACE = 0x7b;

/**
 * What wrappers put before every name: torch.nn.DataParallel, torch.compile, and training scripts whose module holds the
 * network as a member.
 */
const PREFIXES = ['module.', '_orig_mod.', 'model.', 'net.', 'network.', 'backbone.', 'encoder.', 'base_model.'];
/** DataParallel around a compiled network inside a training script's module, and one to spare. */
const MOST_PREFIXES = 4;
/** Of torch.optim.swa_utils.AveragedModel. */
const COUNTERS = ['n_averaged'];

/**
 * Throws EngineError 'weightsDamaged' with a sentence for anything but a sound safetensors file or a state dict of PyTorch's.
 * @param file whole; its numbers are not copied, so it stays in memory as long as the result does
 */
export async function readCheckpoint(file: Blob | Uint8Array<ArrayBuffer>): Promise<Checkpoint> {
  const sizeBytes = file instanceof Uint8Array ? file.byteLength : file.size;
  if (sizeBytes > MOST_CHECKPOINT_BYTES) throw refuseCheckpoint('it is larger than 1 GB');
  try {
    const bytes = file instanceof Uint8Array ? file : new Uint8Array(await file.arrayBuffer());
    const checkpoint = beginsWith(bytes, ZIP) ? await readTorchZip(bytes) : readSafetensors(bytes);
    return { ...checkpoint, tensors: stripPrefixes(checkpoint.tensors) };
  } catch (thrown) {
    if (thrown instanceof EngineError) throw thrown;
    // What the browser itself refuses: a file that was moved meanwhile, or memory that is not there.
    throw new EngineError(
      'weightsDamaged',
      'This file could not be read to its end. Nothing was loaded. Check that it is still there and drop it again.',
      { cause: thrown },
    );
  }
}

function readSafetensors(bytes: Uint8Array<ArrayBuffer>): Checkpoint {
  refuseOtherFormats(bytes);
  const tensors = openSafetensors(bytes, ['F32', 'F16', 'BF16', 'F64', 'I64']);
  if (tensors.size === 0) throw refuseCheckpoint('it holds no tensors', FETCH_AGAIN);
  return { format: 'safetensors', tensors, metadata: readMetadata(bytes), notes: [] };
}

function refuseOtherFormats(bytes: Uint8Array): void {
  if (bytes.byteLength === 0) throw refuseCheckpoint('it is empty', FETCH_AGAIN);
  if (bytes[0] === PICKLE_PROTOCOL) {
    const isLegacy = beginsWith(bytes.subarray(2), LEGACY_MAGIC);
    throw refuseCheckpoint(
      isLegacy
        ? 'it is in PyTorch’s format from before 1.6'
        : 'it is a bare pickle, which is a program and not only data',
      `Open it in PyTorch if you trust where it comes from. ${HOW_TO_SAVE}`,
    );
  }
  if (beginsWith(bytes.subarray(TAR.at), TAR.magic)) {
    throw refuseCheckpoint(
      'it is a tar archive, PyTorch’s format from before 2017',
      `Open it in PyTorch. ${HOW_TO_SAVE}`,
    );
  }
  if (beginsWith(bytes, HDF5)) throw refuseCheckpoint('it is an HDF5 file, as Keras writes it, not one of PyTorch’s');
  // 8 bytes of length and then the header's first character.
  if (bytes[8] !== OPEN_BRACE) throw refuseCheckpoint('it is neither a safetensors file nor one that torch.save wrote');
}

function beginsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, index) => bytes[index] === byte);
}

/** Takes off what every name begins with, as long as it is one of the wrappers' prefixes. */
export function stripPrefixes<Tensor>(tensors: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  let entries = [...tensors].filter(([name]) => !COUNTERS.includes(name));
  for (let count = 0; count < MOST_PREFIXES && entries.length > 0; count++) {
    const prefix = PREFIXES.find((candidate) => entries.every(([name]) => name.startsWith(candidate)));
    if (prefix === undefined) break;
    entries = entries.map(([name, tensor]) => [name.slice(prefix.length), tensor]);
  }
  return new Map(entries);
}
