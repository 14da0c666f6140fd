// Reads a state dict that torch.save wrote before PyTorch 1.6: pickles of a magic number, the version, the machine, the state
// dict and the list of storages, then each storage as its count (8 bytes) and its numbers. Opened as the zip is
// (torchArchive.ts), so that everything behind the container is checked and read by the same lines.

import { BYTES_PER_VALUE } from '../weights/storedNumbers.ts';
import { type Checkpoint, FETCH_AGAIN, quote, refuseCheckpoint } from './checkpoint.ts';
import { isKind, type PickleValue, readFirstPickle, type StorageReference } from './pickle.ts';
import { DTYPES, readTorchArchive } from './readTorchZip.ts';
import type { TorchArchive } from './torchArchive.ts';

/** Protocol 2, then LONG1 of the ten bytes of 0x1950a86a20f9469cfc6c, then STOP (torch/serialization.py, MAGIC_NUMBER). */
const MAGIC = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e];
/** torch/serialization.py, PROTOCOL_VERSION; there was no other. */
const VERSION = 1001;
const COUNT_BYTES = 8;

/** Throws EngineError 'weightsDamaged' with a sentence for anything that is not a plain, sound state dict. */
export function readTorchLegacy(file: Uint8Array<ArrayBuffer>): Checkpoint {
  return readTorchArchive(openLegacyArchive(file), 'torchLegacy');
}

function openLegacyArchive(file: Uint8Array<ArrayBuffer>): TorchArchive {
  if (!MAGIC.every((byte, index) => file[index] === byte)) {
    throw refuseCheckpoint('it does not begin as PyTorch’s files from before 1.6 do');
  }
  let at = MAGIC.length;
  const readNext = () => {
    const start = at;
    const { value, sizeBytes } = readFirstPickle(file.subarray(start));
    at += sizeBytes;
    return { value, bytes: file.subarray(start, at) };
  };
  if (readNext().value !== VERSION) {
    throw refuseCheckpoint('it is of a version of PyTorch’s format that is not known here');
  }
  const machine = readNext().value;
  if (!isKind(machine, 'dict') || machine.entries.get('little_endian') !== true) {
    throw refuseCheckpoint('its numbers are not stored in the byte order “little”');
  }
  const stateDict = readNext();
  const keys = readNext().value;
  const entries = locateStorages(file, at, keys, collectStorages(stateDict.value));
  entries.set('data.pkl', stateDict.bytes);
  return {
    sizeOf: (path) => entries.get(path)?.byteLength ?? null,
    read(path) {
      const bytes = entries.get(path);
      if (!bytes) throw refuseCheckpoint(`it lacks the storage ${quote(path)}`, FETCH_AGAIN);
      return bytes;
    },
  };
}

/** Every storage that is referred to, by its key. Values are shared, so each is looked into once. */
function collectStorages(root: PickleValue): ReadonlyMap<string, StorageReference> {
  const storages = new Map<string, StorageReference>();
  const seen = new Set<PickleValue>();
  const waiting = [root];
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (seen.has(value)) continue;
    seen.add(value);
    if (isKind(value, 'tensor')) waiting.push(value.storage);
    else if (isKind(value, 'storage')) storages.set(value.key, value);
    else if (isKind(value, 'tuple') || isKind(value, 'list')) for (const item of value.items) waiting.push(item);
    else if (isKind(value, 'dict')) for (const item of value.entries.values()) waiting.push(item);
  }
  return storages;
}

/** Where each storage's numbers lie, as views, by the paths that they have in a zip. They fill the file to its end. */
function locateStorages(
  file: Uint8Array<ArrayBuffer>,
  start: number,
  keys: PickleValue,
  storages: ReadonlyMap<string, StorageReference>,
): Map<string, Uint8Array<ArrayBuffer>> {
  if (!isKind(keys, 'list')) throw refuseCheckpoint('its list of storages is damaged', FETCH_AGAIN);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const entries = new Map<string, Uint8Array<ArrayBuffer>>();
  let at = start;
  for (const key of keys.items) {
    const storage = typeof key === 'string' ? storages.get(key) : undefined;
    const dtype = storage && Object.hasOwn(DTYPES, storage.type) ? DTYPES[storage.type] : undefined;
    if (!storage || !dtype) throw refuseCheckpoint('it lists a storage that no tensor of known numbers has');
    const end = at + COUNT_BYTES + storage.valueCount * BYTES_PER_VALUE[dtype];
    if (end > file.byteLength) throw refuseCheckpoint('it ends before its last tensor', FETCH_AGAIN);
    if (view.getBigUint64(at, true) !== BigInt(storage.valueCount)) {
      throw refuseCheckpoint('its storages are not of the sizes that its tensors say', FETCH_AGAIN);
    }
    entries.set(`data/${storage.key}`, file.subarray(at + COUNT_BYTES, end));
    at = end;
  }
  if (at !== file.byteLength) throw refuseCheckpoint('something lies behind its last tensor', FETCH_AGAIN);
  return entries;
}
