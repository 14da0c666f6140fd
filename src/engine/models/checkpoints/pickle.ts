// Reads a pickle as data. Python runs whatever a pickle asks for; here the few opcodes that dictionaries of tensors are
// written with build values of the kinds below, the few globals on the list have meanings of our own, and everything else is
// refused by its name. Nothing is ever called. The opcodes: Lib/pickletools.py of CPython, protocols 2 to 5.

import { FETCH_AGAIN, HOW_TO_SAVE, quote, refuseCheckpoint } from './checkpoint.ts';

export type PickleValue = null | boolean | number | string | Uint8Array | PickleObject;

export type PickleObject =
  | { readonly kind: 'tuple'; readonly items: readonly PickleValue[] }
  | { readonly kind: 'list'; readonly items: PickleValue[] }
  | { readonly kind: 'dict'; readonly entries: Map<PickleValue, PickleValue> }
  | { readonly kind: 'global'; readonly name: string }
  /** Bytes that lie elsewhere in the archive. */
  | StorageReference
  | TensorReference;

export interface StorageReference {
  readonly kind: 'storage';
  /** 'FloatStorage' */
  readonly type: string;
  /** Name of its entry under 'data/'. */
  readonly key: string;
  readonly valueCount: number;
}

export interface TensorReference {
  readonly kind: 'tensor';
  readonly storage: StorageReference;
  /** In values, as are the strides. */
  readonly offset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** State dicts of the largest networks here, with an optimiser's, have 200 kB. */
const MOST_BYTES = 16_000_000;
/** A ResNeXt-101 with Adam's moments takes 150,000. Each makes one value at most, so this bounds the memory too. */
const MOST_OPCODES = 1_000_000;
/** No tensor of a picture network has more axes. */
const MOST_AXES = 8;
/** More values than any file here can hold. */
const LARGEST_COUNT = 2 ** 48;

const ORDERED_DICT = 'collections.OrderedDict';
const REBUILD_TENSOR = 'torch._utils._rebuild_tensor_v2';
const REBUILD_PARAMETER = 'torch._utils._rebuild_parameter';
const SIZE = 'torch.Size';
const SETS = ['__builtin__.set', 'builtins.set', '__builtin__.frozenset', 'builtins.frozenset'];
const STORAGE = /^torch\.(\w+Storage)$/;
/** Mean nothing here, but are found beside weights: {'dtype': torch.float32}. */
const INERT = /^torch\.(float16|float32|float64|bfloat16|int64|int32|int16|int8|uint8|bool)$/;

function isAllowed(name: string): boolean {
  if ([ORDERED_DICT, REBUILD_TENSOR, REBUILD_PARAMETER, SIZE, ...SETS].includes(name)) return true;
  return STORAGE.test(name) || INERT.test(name);
}

/** Throws EngineError 'weightsDamaged' for any opcode or global that is not on the lists, and for any damage. */
export function readPickle(bytes: Uint8Array): PickleValue {
  if (bytes.byteLength > MOST_BYTES) throw refuseCheckpoint('its list of tensors is larger than 16 MB');
  return readFirstPickle(bytes).value;
}

/** The same for bytes that go on behind the pickle, and how many it takes. */
export function readFirstPickle(bytes: Uint8Array): { readonly value: PickleValue; readonly sizeBytes: number } {
  const unpickler = new Unpickler(bytes.subarray(0, MOST_BYTES));
  return { value: unpickler.run(), sizeBytes: unpickler.position };
}

/**
 * Values are shared, never copied, and each opcode makes at most one: memory grows with the pickle's length, whatever its
 * memo refers to.
 */
class Unpickler {
  private readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly text = new TextDecoder();
  private readonly stack: PickleValue[] = [];
  /** Heights of the stack at which a run of items begins. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, PickleValue>();
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that were taken so far. */
  get position(): number {
    return this.at;
  }

  run(): PickleValue {
    for (let count = 0; count < MOST_OPCODES; count++) {
      const opcode = this.byte();
      if (opcode === OPCODE.stop) {
        const value = this.pop();
        if (this.stack.length > 0 || this.marks.length > 0) throw damaged('values are left over at its end');
        return value;
      }
      const step = STEPS.get(opcode);
      if (!step)
        throw damaged(`it uses the opcode 0x${opcode.toString(16).padStart(2, '0')}, which no state dict needs`);
      step(this);
    }
    throw refuseCheckpoint(`its list of tensors takes more than ${MOST_OPCODES} steps to build`);
  }

  byte(): number {
    return this.view.getUint8(this.take(1));
  }

  uint16(): number {
    return this.view.getUint16(this.take(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.take(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.take(4), true);
  }

  /** Lengths of 8 bytes; anything past the end is refused when it is taken. */
  uint64(): number {
    return Number(this.view.getBigUint64(this.take(8), true));
  }

  float64(): number {
    return this.view.getFloat64(this.take(8), false);
  }

  chunk(length: number): Uint8Array {
    const start = this.take(length);
    return this.bytes.subarray(start, start + length);
  }

  string(length: number): string {
    return this.text.decode(this.chunk(length));
  }

  line(): string {
    const end = this.bytes.indexOf(0x0a, this.at);
    if (end < 0) throw cutOff();
    const text = this.string(end - this.at);
    this.at = end + 1;
    return text;
  }

  /** Two's complement, little-endian, of up to 8 bytes: no count of a tensor needs more. */
  integer(length: number): number {
    if (length > 8) throw damaged('it holds a number of more than 64 bits');
    let value = 0n;
    this.chunk(length).forEach((byte, index) => {
      value |= BigInt(byte) << BigInt(8 * index);
    });
    return Number(BigInt.asIntN(8 * length, value));
  }

  push(value: PickleValue): void {
    this.stack.push(value);
  }

  pop(): PickleValue {
    // Below the last mark lies what belongs to somebody else.
    if (this.stack.length <= (this.marks.at(-1) ?? 0)) throw damaged('it takes a value where there is none');
    return this.stack.pop() as PickleValue;
  }

  peek(): PickleValue {
    const value = this.pop();
    this.stack.push(value);
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  popToMark(): PickleValue[] {
    const start = this.marks.pop();
    if (start === undefined) throw damaged('it ends a run of items that never began');
    return this.stack.splice(start);
  }

  popMany(count: number): PickleValue[] {
    const values: PickleValue[] = [];
    for (let i = 0; i < count; i++) values.push(this.pop());
    return values.reverse();
  }

  remember(key: number): void {
    this.memo.set(key, this.peek());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(key: number): void {
    const value = this.memo.get(key);
    if (value === undefined) throw damaged('it refers to a value that it never held');
    this.push(value);
  }

  private take(length: number): number {
    const start = this.at;
    if (!(length >= 0 && length <= this.bytes.byteLength - start)) throw cutOff();
    this.at = start + length;
    return start;
  }
}

const OPCODE = { stop: 0x2e } as const;

/** What an opcode does. Not here and refused, among others: INST, OBJ, NEWOBJ, EXT1 to 4, PERSID. */
const STEPS: ReadonlyMap<number, (machine: Unpickler) => void> = new Map<number, (machine: Unpickler) => void>([
  [0x80, (m) => checkProtocol(m.byte())],
  // FRAME: a hint for buffered reading.
  [0x95, (m) => void m.uint64()],
  [0x28, (m) => m.mark()],
  [0x30, (m) => void m.pop()],
  [0x4e, (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  [0x4b, (m) => m.push(m.byte())],
  [0x4d, (m) => m.push(m.uint16())],
  [0x4a, (m) => m.push(m.int32())],
  [0x8a, (m) => m.push(m.integer(m.byte()))],
  [0x47, (m) => m.push(m.float64())],
  [0x58, (m) => m.push(m.string(m.uint32()))],
  [0x8c, (m) => m.push(m.string(m.byte()))],
  [0x42, (m) => m.push(m.chunk(m.uint32()))],
  [0x43, (m) => m.push(m.chunk(m.byte()))],
  // Memo: BINPUT, LONG_BINPUT, MEMOIZE, BINGET, LONG_BINGET.
  [0x71, (m) => m.remember(m.byte())],
  [0x72, (m) => m.remember(m.uint32())],
  [0x94, (m) => m.rememberNext()],
  [0x68, (m) => m.recall(m.byte())],
  [0x6a, (m) => m.recall(m.uint32())],
  // Tuples, lists, sets (read as lists) and dictionaries.
  [0x29, (m) => m.push({ kind: 'tuple', items: [] })],
  [0x85, (m) => m.push({ kind: 'tuple', items: m.popMany(1) })],
  [0x86, (m) => m.push({ kind: 'tuple', items: m.popMany(2) })],
  [0x87, (m) => m.push({ kind: 'tuple', items: m.popMany(3) })],
  [0x74, (m) => m.push({ kind: 'tuple', items: m.popToMark() })],
  [0x5d, (m) => m.push({ kind: 'list', items: [] })],
  [0x8f, (m) => m.push({ kind: 'list', items: [] })],
  [0x61, (m) => append(m.popMany(1), m.peek())],
  [0x65, (m) => append(m.popToMark(), m.peek())],
  [0x90, (m) => append(m.popToMark(), m.peek())],
  [0x7d, (m) => m.push({ kind: 'dict', entries: new Map() })],
  [0x73, (m) => setItems(m.popMany(2), m.peek())],
  [0x75, (m) => setItems(m.popToMark(), m.peek())],
  // GLOBAL, STACK_GLOBAL, BINPERSID, REDUCE, BUILD.
  [0x63, (m) => m.push(findGlobal(m.line(), m.line()))],
  [0x93, (m) => m.push(findGlobal(...(m.popMany(2) as [PickleValue, PickleValue])))],
  [0x51, (m) => m.push(readStorageReference(m.pop()))],
  [0x52, (m) => m.push(reduce(...(m.popMany(2) as [PickleValue, PickleValue])))],
  [0x62, (m) => build(m.pop(), m.peek())],
]);

function checkProtocol(version: number): void {
  if (version < 2 || version > 5) throw damaged(`it is of protocol ${version}, and 2 to 5 are read`);
}

function append(items: readonly PickleValue[], target: PickleValue): void {
  if (!isKind(target, 'list')) throw damaged('it appends to what is not a list');
  for (const item of items) target.items.push(item);
}

function setItems(items: readonly PickleValue[], target: PickleValue): void {
  if (!isKind(target, 'dict') || items.length % 2 !== 0) throw damaged('it fills what is not a dictionary');
  for (let i = 0; i < items.length; i += 2) target.entries.set(items[i] as PickleValue, items[i + 1] as PickleValue);
}

function findGlobal(module: PickleValue, name: PickleValue): PickleValue {
  if (typeof module !== 'string' || typeof name !== 'string') throw damaged('it names a global by what is not a name');
  const path = `${module}.${name}`;
  if (isAllowed(path)) return { kind: 'global', name: path };
  if (
    /^(torch\.nn|torchvision|timm|fastai|pytorch_lightning|lightning|ultralytics|__main__|transformers)\b/.test(path)
  ) {
    throw refuseCheckpoint(`it holds a whole pickled program object (${quote(path)}) and not just its weights`);
  }
  if (module.split('.')[0] === 'torch') {
    throw refuseCheckpoint(`it uses ${quote(path)}, which no plain state dict does`);
  }
  throw refuseCheckpoint(
    `it asks to run ${quote(path)}, and the studio never runs what a file asks for`,
    `If you trust where it comes from, load it in PyTorch. ${HOW_TO_SAVE}`,
  );
}

/** ('storage', torch.FloatStorage, key, device, value count), as torch.save writes it. */
function readStorageReference(id: PickleValue): PickleValue {
  const [tag, type, key, , valueCount] = isKind(id, 'tuple') ? id.items : [];
  const match = isKind(type, 'global') ? STORAGE.exec(type.name) : null;
  if (tag !== 'storage' || !match || typeof key !== 'string' || !isCount(valueCount)) {
    throw damaged('it refers to a storage in a way that PyTorch does not');
  }
  return { kind: 'storage', type: match[1] as string, key, valueCount };
}

function reduce(target: PickleValue, given: PickleValue): PickleValue {
  if (!isKind(target, 'global') || !isKind(given, 'tuple')) throw damaged('it calls what is not a function');
  const [first] = given.items;
  switch (target.name) {
    case ORDERED_DICT:
      if (given.items.length > 0) break;
      return { kind: 'dict', entries: new Map() };
    case REBUILD_TENSOR:
      return rebuildTensor(given.items);
    case REBUILD_PARAMETER:
      if (isKind(first, 'tensor')) return first;
      break;
    case SIZE:
      if (isKind(first, 'tuple')) return first;
      break;
    default:
      if (SETS.includes(target.name) && isKind(first, 'list')) return first;
  }
  throw refuseCheckpoint(`it uses ${quote(target.name)} in a way that no state dict does`);
}

/** (storage, offset, size, strides, requires_grad, hooks[, metadata]) */
function rebuildTensor(items: readonly PickleValue[]): PickleValue {
  const [storage, offset, size, strides] = items;
  const shape = readCounts(size);
  const steps = readCounts(strides);
  if (!isKind(storage, 'storage') || !isCount(offset) || !shape || !steps || shape.length !== steps.length) {
    throw damaged('it describes a tensor in a way that PyTorch does not');
  }
  return { kind: 'tensor', storage, offset, shape, strides: steps };
}

function readCounts(value: PickleValue | undefined): readonly number[] | null {
  if (!isKind(value, 'tuple') || value.items.length > MOST_AXES || !value.items.every(isCount)) return null;
  return value.items;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= LARGEST_COUNT;
}

/** State dicts carry versions of their layers as an attribute (`_metadata`), which is of no use here. */
function build(_state: PickleValue, target: PickleValue): void {
  if (!isKind(target, 'dict')) throw refuseCheckpoint('it sets the inside of an object, which no state dict needs');
}

export function isKind<Kind extends PickleObject['kind']>(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleObject, { readonly kind: Kind }> {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === kind;
}

function damaged(what: string): Error {
  return refuseCheckpoint(`its list of tensors (data.pkl) is damaged: ${what}`, FETCH_AGAIN);
}

function cutOff(): Error {
  return damaged('it ends too early');
}
