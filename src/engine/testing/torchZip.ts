// Writes state dicts as torch.save does (PyTorch 2.13, pickle protocol 2), byte for byte, so that tests can make files of any
// network and damage them; readTorchZip.test.ts compares it with a real one.

import { joinBytes as joinPieces } from '../joinBytes.ts';
import { crc32 } from '../models/checkpoints/crc32.ts';

export interface TorchTensor {
  /** 'FloatStorage' */
  readonly storageType: string;
  readonly shape: readonly number[];
  readonly bytes: Uint8Array;
}

const ALIGNMENT = 64;
const encoder = new TextEncoder();

/** A pickle by hand: bytes, and texts for what is ASCII in it. */
export function joinBytes(...parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  return joinParts(parts);
}

type Part = string | readonly number[] | Uint8Array;

function joinParts(parts: readonly Part[]): Uint8Array<ArrayBuffer> {
  const chunks = parts.map((part) =>
    typeof part === 'string' ? encoder.encode(part) : part instanceof Uint8Array ? part : Uint8Array.from(part),
  );
  return joinPieces(chunks);
}

export function littleEndian(value: number, byteCount: number): number[] {
  return Array.from({ length: byteCount }, (_, index) => Math.floor(value / 256 ** index) % 256);
}

/** An OrderedDict of contiguous tensors, each with a storage of its own. */
export function pickleStateDict(tensors: ReadonlyMap<string, TorchTensor>): Uint8Array<ArrayBuffer> {
  const parts: Part[] = [];
  const memo = new Map<string, number>();
  let memoSize = 0;
  const remember = () => {
    const index = memoSize++;
    parts.push(index < 256 ? ['q'.charCodeAt(0), index] : ['r'.charCodeAt(0), ...littleEndian(index, 4)]);
    return index;
  };
  const once = (key: string, write: () => void) => {
    const known = memo.get(key);
    if (known === undefined) {
      write();
      memo.set(key, remember());
    } else parts.push(known < 256 ? ['h'.charCodeAt(0), known] : ['j'.charCodeAt(0), ...littleEndian(known, 4)]);
  };
  const text = (value: string) => {
    const bytes = encoder.encode(value);
    parts.push('X', littleEndian(bytes.length, 4), [...bytes]);
  };
  const global = (path: string) => once(path, () => parts.push(`c${path.replace(/\.(?=\w+$)/, '\n')}\n`));
  const integer = (value: number) => {
    if (value < 256) parts.push('K', [value]);
    else if (value < 65536) parts.push('M', littleEndian(value, 2));
    else parts.push('J', littleEndian(value, 4));
  };
  const counts = (values: readonly number[]) => {
    if (values.length === 0) return void parts.push(')');
    if (values.length > 3) parts.push('(');
    values.forEach(integer);
    parts.push(values.length > 3 ? 't' : [0x84 + values.length]);
    remember();
  };
  const emptyDict = (isRemembered: boolean) => {
    global('collections.OrderedDict');
    parts.push(')R');
    if (isRemembered) remember();
  };

  parts.push([0x80, 2]);
  emptyDict(true);
  parts.push('(');
  let key = 0;
  for (const [name, { storageType, shape, bytes }] of tensors) {
    // Python writes the items of a dictionary a thousand at a time.
    if (key > 0 && key % 1000 === 0) parts.push('u(');
    text(name);
    remember();
    global('torch._utils._rebuild_tensor_v2');
    parts.push('((');
    once('storage', () => text('storage'));
    global(`torch.${storageType}`);
    text(String(key++));
    remember();
    once('cpu', () => text('cpu'));
    const count = shape.reduce((product, size) => product * size, 1);
    integer(count);
    parts.push('t');
    remember();
    parts.push('Q');
    integer(0);
    counts(shape);
    counts(shape.map((_, axis) => shape.slice(axis + 1).reduce((product, size) => product * size, 1)));
    parts.push([0x89]);
    emptyDict(true);
    parts.push('t');
    remember();
    parts.push('R');
    remember();
    if (bytes.length % count !== 0) throw new RangeError(`${name} has not as many bytes as its shape needs.`);
  }
  parts.push('u.');
  return joinParts(parts);
}

export interface TorchZipOptions {
  /** The archive's folder; torch.save takes the file's name. */
  readonly folder?: string;
  /** 40 digits that PyTorch works out from the content. */
  readonly serializationId?: string;
  /** Instead of the state dict's own. */
  readonly pickle?: Uint8Array;
}

export function writeTorchZip(
  tensors: ReadonlyMap<string, TorchTensor>,
  { folder = 'archive', serializationId = '0'.repeat(40), pickle = pickleStateDict(tensors) }: TorchZipOptions = {},
): Uint8Array<ArrayBuffer> {
  const storages = [...tensors.values()].map(({ bytes }, key) => [`data/${key}`, bytes] as const);
  return writeStoredZip(
    [
      ['data.pkl', pickle],
      ['.format_version', '1'],
      ['.storage_alignment', String(ALIGNMENT)],
      ['byteorder', 'little'],
      ...storages,
      ['version', '3\n'],
      ['.data/serialization_id', serializationId],
    ].map(([name, content]) => [
      `${folder}/${name}`,
      typeof content === 'string' ? encoder.encode(content) : (content as Uint8Array),
    ]),
  );
}

/** Entries as PyTorch's zip writer lays them out: stored, aligned by an extra field, each with a descriptor behind it. */
export function writeStoredZip(entries: readonly (readonly [string, Uint8Array])[]): Uint8Array<ArrayBuffer> {
  const parts: Part[] = [];
  const directory: Part[] = [];
  let offset = 0;
  let directoryBytes = 0;
  for (const [path, content] of entries) {
    const name = encoder.encode(path);
    const before = offset + 30 + name.length + 4;
    const padding = ALIGNMENT - (before % ALIGNMENT);
    const checksum = littleEndian(crc32(content), 4);
    const size = littleEndian(content.length, 4);
    parts.push('PK\x03\x04', [0, 0, 0x08, 0x08, ...Array(18).fill(0)], littleEndian(name.length, 2));
    parts.push(littleEndian(padding + 4, 2), name, 'FB', littleEndian(padding, 2), 'Z'.repeat(padding), content);
    parts.push('PK\x07\x08', checksum, size, size);
    directory.push('PK\x01\x02', [0, 0, 0, 0, 0x08, 0x08, 0, 0, 0, 0, 0, 0], checksum, size, size);
    directory.push(littleEndian(name.length, 2), Array(12).fill(0), littleEndian(offset, 4), name);
    offset = before + padding + content.length + 16;
    directoryBytes += 46 + name.length;
  }
  const count = entries.length;
  for (const part of directory) parts.push(part);
  parts.push('PK\x06\x06', littleEndian(44, 8), [0x1e, 3, 0x2d, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  parts.push(littleEndian(count, 8), littleEndian(count, 8), littleEndian(directoryBytes, 8), littleEndian(offset, 8));
  parts.push('PK\x06\x07', littleEndian(0, 4), littleEndian(offset + directoryBytes, 8), littleEndian(1, 4));
  parts.push('PK\x05\x06', [0, 0, 0, 0], littleEndian(count, 2), littleEndian(count, 2));
  parts.push(littleEndian(directoryBytes, 4), littleEndian(offset, 4), [0, 0]);
  return joinParts(parts);
}
