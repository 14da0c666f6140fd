// Files that were made to do harm, by hand and by chance: each ends in a sentence or in exactly the right numbers, soon.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { asTorchTensors, namesAndShapes, numbersAt } from '../../testing/checkpointTensors.ts';
import { joinBytes, littleEndian, pickleStateDict, writeStoredZip, writeTorchZip } from '../../testing/torchZip.ts';
import type { Architecture } from '../architecture.ts';
import { writeTensors } from '../weights/writeSafetensors.ts';
import type { Checkpoint } from './checkpoint.ts';
import { readCheckpoint } from './readCheckpoint.ts';
import { recogniseNetwork } from './recogniseNetwork.ts';

/** As small as a network can be: so that most of a file is what is hostile about it. */
const TINY: Architecture = {
  id: 'tiny',
  label: 'Tiny',
  imageSizePx: 8,
  featureChannels: 3,
  bodyGroups: [['conv1.', 'bn1.']],
  body: (builder, images) =>
    builder.batchNorm('bn1', builder.conv2d('conv1', images, { outChannels: 3, kernelSize: 3, padding: 1 }), {
      epsilon: 1e-5,
      momentum: 0.1,
    }),
  classifier: (builder, features) => builder.linear('fc', builder.averagePool(features), 4),
};

const NAMES = namesAndShapes(TINY);
const TORCH = asTorchTensors(NAMES);
const TORCH_ZIP = writeTorchZip(TORCH);
const SAFETENSORS = writeTensors(
  [...NAMES].map(([name, { shape }], place) => ({ name, shape, values: numbersAt(place, sizeOf(shape)) })),
  { format: 'pt' },
);
const RUNS = 300;
/** Many times what the slowest takes on two busy cores; a hang is never this fast. */
const LIMIT_MS = 10_000;

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

/** Reads as the studio would. Null where a sentence came instead of a network; anything else that is thrown fails the test. */
async function open(bytes: Uint8Array<ArrayBuffer>): Promise<Checkpoint | null> {
  const startMs = performance.now();
  try {
    const checkpoint = await readCheckpoint(bytes);
    recogniseNetwork(checkpoint, [TINY]);
    return checkpoint;
  } catch (thrown) {
    expect(thrown).toBeInstanceOf(EngineError);
    const { code, message } = thrown as EngineError;
    expect(code).toBe('weightsDamaged');
    expect(message).toMatch(/^[A-Z].{30,}[.]$/s);
    expect(message.length).toBeLessThan(1000);
    return null;
  } finally {
    expect(performance.now() - startMs).toBeLessThan(LIMIT_MS);
  }
}

/** What is accepted has the numbers that were stored. */
function expectRight({ tensors }: Checkpoint): void {
  [...NAMES.keys()].forEach((name, place) => {
    const values = tensors.get(name)?.values;
    // The end may be lost without harm: it is left out.
    if (!values && name.startsWith('fc.')) return;
    expect([name, ...(values ?? [])]).toEqual([name, ...numbersAt(place, sizeOf(NAMES.get(name)?.shape ?? []))]);
  });
}

/** Numbers come from the file and are as many as the shape says, whatever the names. */
function expectOrderly({ tensors }: Checkpoint): void {
  for (const { shape, values } of tensors.values()) expect(values.length).toBe(sizeOf(shape));
}

const flips = (length: number) =>
  fc.array(fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 });

function flip(bytes: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array<ArrayBuffer> {
  const changed = Uint8Array.from(bytes);
  for (const [at, mask] of changes) (changed[at] as number) ^= mask;
  return changed;
}

/** Cuts a piece out, or puts it in again elsewhere: what is behind it moves. */
const pieces = (length: number) => fc.tuple(fc.nat(length - 1), fc.integer({ min: 1, max: 64 }), fc.nat(length - 1));

function moveBytes(bytes: Uint8Array, [from, length, to]: readonly [number, number, number], isKept: boolean) {
  const piece = bytes.slice(from, from + length);
  const rest = [...bytes.slice(0, from), ...bytes.slice(from + length)];
  return Uint8Array.from(isKept ? [...rest.slice(0, to), ...piece, ...rest.slice(to)] : rest);
}

const range = fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 1, max: 200 }), fc.nat(255));

/** A run of bytes set to one value: sizes, counts and offsets become 0, huge or negative. */
function fillRange(bytes: Uint8Array, [share, length, value]: readonly [number, number, number]) {
  const start = Math.floor(share * (bytes.length - 1));
  return Uint8Array.from(bytes).fill(value, start, start + length);
}

test('the files that are changed below are right before', async () => {
  for (const bytes of [TORCH_ZIP, SAFETENSORS]) expectRight((await open(bytes)) as Checkpoint);
});

describe.each([
  ['torch zip', TORCH_ZIP, 0],
  // Where numbers were changed, safetensors cannot tell: the format has no checksum. So changes stay in the header.
  [
    'safetensors',
    SAFETENSORS,
    SAFETENSORS.length - [...NAMES.values()].reduce((sum, t) => sum + 4 * sizeOf(t.shape), 0),
  ],
] as const)('a %s', (_, original, headerEnd) => {
  const reach = headerEnd || original.length;
  const check = <Change>(arbitrary: fc.Arbitrary<Change>, change: (drawn: Change) => Uint8Array<ArrayBuffer>) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (drawn) => {
        const checkpoint = await open(change(drawn));
        if (checkpoint) expectRight(checkpoint);
      }),
      { numRuns: RUNS },
    );

  test('with bits flipped is refused or right', () => check(flips(reach), (changes) => flip(original, changes)));

  test('cut anywhere is refused or right', () =>
    check(fc.nat(original.length - 1), (length) => original.slice(0, length)));

  test('with a piece lost is refused or right', () =>
    check(pieces(reach), (piece) => moveBytes(original, piece, false)));

  test('with a run of bytes overwritten is refused or right', () =>
    check(range, (drawn) => {
      const changed = fillRange(original.subarray(0, reach), drawn);
      return joinBytes(changed, original.subarray(reach));
    }));
});

describe('a torch zip whose checksums are right', () => {
  const pickle = pickleStateDict(TORCH);
  const check = <Change>(arbitrary: fc.Arbitrary<Change>, change: (drawn: Change) => Uint8Array) =>
    fc.assert(
      fc.asyncProperty(arbitrary, async (drawn) => {
        const checkpoint = await open(writeTorchZip(TORCH, { pickle: change(drawn) }));
        if (checkpoint) expectOrderly(checkpoint);
      }),
      { numRuns: RUNS },
    );

  test('and whose pickle has bits flipped is refused or in order', () =>
    check(flips(pickle.length), (changes) => flip(pickle, changes)));

  test('and whose pickle has pieces moved is refused or in order', () =>
    check(pieces(pickle.length), (piece) => moveBytes(pickle, piece, true)));

  test('and whose pickle is a salad of opcodes is refused or in order', () => {
    const tokens = [
      '(',
      ')',
      ']',
      '}',
      't',
      'e',
      'u',
      's',
      'a',
      'R',
      'Q',
      'b',
      '0',
      'N',
      '.',
      'q\x00',
      'h\x00',
      'K\x01',
    ];
    const words = ['ctorch._utils\n_rebuild_tensor_v2\n', 'ccollections\nOrderedDict\n', 'ctorch\nFloatStorage\n'];
    const bytes = ['\x85', '\x86', '\x87', '\x88', '\x94', '\x93'].map((text) => [text.charCodeAt(0)]);
    const token = fc.oneof(
      fc.constantFrom<string | number[]>(
        ...tokens,
        ...words,
        ...bytes,
        'X\x07\x00\x00\x00storage',
        'X\x01\x00\x00\x000',
      ),
      fc.array(fc.nat(255), { minLength: 1, maxLength: 3 }),
    );
    return check(fc.array(token, { maxLength: 60 }), (parts) => joinBytes([0x80, 2], ...parts, '.'));
  });
});

test('a safetensors header of any JSON, and of swapped offsets, is refused or in order', async () => {
  const names = fc.constantFrom(...NAMES.keys(), '__proto__', 'constructor', '');
  const number = fc.oneof(fc.nat(400), fc.double(), fc.constant(2 ** 53), fc.constant(-1));
  const entry = fc.record({
    dtype: fc.constantFrom('F32', 'F16', 'BF16', 'F64', 'I64', 'U8', '__proto__', 4, null),
    shape: fc.oneof(fc.array(number, { maxLength: 5 }), fc.anything()),
    data_offsets: fc.oneof(fc.tuple(number, number), fc.anything()),
  });
  const header = fc.dictionary(
    names,
    fc.oneof({ weight: 5, arbitrary: entry }, { weight: 1, arbitrary: fc.jsonValue() }),
  );
  await fc.assert(
    fc.asyncProperty(header, fc.nat(600), async (drawn, dataBytes) => {
      const text = new TextEncoder().encode(JSON.stringify(drawn));
      const checkpoint = await open(joinBytes(littleEndian(text.length, 8), text, new Uint8Array(dataBytes)));
      if (checkpoint) expectOrderly(checkpoint);
    }),
    { numRuns: RUNS },
  );
  const headerBytes = Number(new DataView(SAFETENSORS.buffer).getBigUint64(0, true));
  const original = JSON.parse(new TextDecoder().decode(SAFETENSORS.subarray(8, 8 + headerBytes)));
  const swapped = { ...original };
  [swapped['conv1.weight'].data_offsets, swapped['bn1.bias'].data_offsets] = [
    original['bn1.bias'].data_offsets,
    original['conv1.weight'].data_offsets,
  ];
  const text = new TextEncoder().encode(JSON.stringify(swapped));
  const numbers = SAFETENSORS.subarray(8 + headerBytes);
  expect(await open(joinBytes(littleEndian(text.length, 8), text, numbers))).toBeNull();
});

describe('a pickle made to do harm', () => {
  const text = (value: string) => ['X', littleEndian(value.length, 4), value] as const;
  const refuse = async (parts: readonly (string | readonly number[] | Uint8Array)[], sentence: string) => {
    const bytes = writeTorchZip(TORCH, { pickle: joinBytes([0x80, 2], ...parts) });
    const startMs = performance.now();
    await expect(readCheckpoint(bytes)).rejects.toThrow(sentence);
    expect(performance.now() - startMs).toBeLessThan(LIMIT_MS);
  };
  const tensorOf = (shape: readonly number[], strides: readonly number[], offset = 0) => {
    const integers = (values: readonly number[]) =>
      ['(', ...values.flatMap((v) => [[0x8a, 8], littleEndian(v, 8)]), 't'] as const;
    const storage = ['((', ...text('storage'), 'ctorch\nFloatStorage\n', ...text('0'), ...text('cpu'), 'K', [81], 'tQ'];
    const rest = [...integers([offset]).slice(1, -1), ...integers(shape), ...integers(strides), [0x89], ')', 'tR'];
    return ['}', ...text('conv1.weight'), 'ctorch._utils\n_rebuild_tensor_v2\n', ...storage, ...rest, 's.'].flat(0);
  };

  test.each([
    ['os.system', ['cos\nsystem\n', ...text('true'), [0x85], 'R.'], 'it asks to run “os.system”'],
    ['posix.system by its stack', [...text('posix'), ...text('system'), [0x93], '.'], 'it asks to run “posix.system”'],
    ['eval', ['cbuiltins\neval\n', ...text('1'), [0x85], 'R.'], 'it asks to run “builtins.eval”'],
    [
      'a name that climbs',
      ['ccollections\nOrderedDict.__init__\n.'],
      'it asks to run “collections.OrderedDict.__init__”',
    ],
    ['a name that looks like torch', ['ctorch.FloatStorage\n__class__\n.'], 'it uses “torch.FloatStorage.__class__”'],
    [
      'a line break in a module',
      [...text('torch\nx'), ...text('FloatStorage'), [0x93], '.'],
      'it asks to run “torch?x.FloatStorage”',
    ],
    ['INST', ['(ios\nsystem\n.'], 'the opcode 0x69'],
    ['OBJ', ['(cos\nsystem\no.'], 'it asks to run “os.system”'],
    ['NEWOBJ', ['ccollections\nOrderedDict\n)', [0x81], '.'], 'the opcode 0x81'],
    ['an extension', [[0x82, 1], '.'], 'the opcode 0x82'],
    ['a persistent id as text', ['P0\n.'], 'the opcode 0x50'],
    ['BUILD on a function', ['ctorch._utils\n_rebuild_tensor_v2\n}b.'], 'it sets the inside of an object'],
    ['a call of a dictionary', ['})R.'], 'it calls what is not a function'],
    ['a text longer than the file', ['X', [255, 255, 255, 255], 'a.'], 'it ends too early'],
    ['a number of 255 bytes', [[0x8a, 255], new Uint8Array(255), '.'], 'more than 64 bits'],
    ['a memo that was never written', ['j', [255, 255, 255, 255], '.'], 'a value that it never held'],
    ['more ends than beginnings', ['tttt.'], 'a run of items that never began'],
    ['what is left over', ['NN.'], 'values are left over'],
    ['a dictionary in itself', ['}q', [0], ...text('state_dict'), 'h', [0], 's.'], 'it holds no dictionary of tensors'],
    ['a tensor of 2^64 values', tensorOf([2 ** 32, 2 ** 32], [1, 1]), 'more values than are stored'],
    ['a tensor that repeats one value', tensorOf([1_000_000], [0]), 'more values than are stored'],
    ['a tensor behind its storage', tensorOf([1], [1], 81), 'reaches beyond the numbers'],
    ['a stride beyond its storage', tensorOf([2], [2 ** 47]), 'reaches beyond the numbers'],
    ['negative sizes', tensorOf([256 ** 8 - 2048], [1]), 'it describes a tensor in a way that PyTorch does not'],
    ['nine axes', tensorOf(Array(9).fill(1), Array(9).fill(1)), 'it describes a tensor in a way that PyTorch does not'],
  ] as const)('is refused: %s', (_, parts, sentence) => refuse(parts as never, sentence));

  test('takes neither time nor memory: a million nested tuples, doubled memos, two million dictionaries', async () => {
    await refuse([')', new Uint8Array(900_000).fill(0x85), '.'], 'it holds no dictionary of tensors');
    // Each line of the joke holds the line before twice; here they are one list, ten thousand times over.
    const laugh = [
      ']q',
      [0],
      ...Array(10_000)
        .fill(['](h', [0], 'h', [0], 'eq', [0]])
        .flat(),
    ];
    await refuse([...laugh, '.'], 'values are left over');
    await refuse(['(', new Uint8Array(2_000_000).fill(0x7d), 'u.'], 'takes more than 1000000 steps');
    await refuse(['X', littleEndian(17_000_000, 4), new Uint8Array(17_000_000), '.'], 'larger than 16 MB');
  });
});

describe('a zip made to do harm', () => {
  const entry = (name: string, content: string | Uint8Array = 'x') =>
    [name, typeof content === 'string' ? new TextEncoder().encode(content) : content] as const;

  test.each([
    ['without a pickle', [entry('a/version')], 'it has no data.pkl'],
    ['with entries in two folders', [entry('a/data.pkl'), entry('b/data/0')], 'its entries are not in one folder'],
    ['that climbs out of its folder', [entry('../data.pkl')], 'table of contents is damaged'],
    [
      'with two entries of one name',
      [entry('a/data.pkl'), entry('a/data.pkl')],
      'two entries of its zip have the same name',
    ],
    ['of the other byte order', [entry('a/data.pkl'), entry('a/byteorder', 'big')], 'the byte order “big”'],
    [
      'of 20,001 entries',
      Array.from({ length: 20_001 }, (_, i) => entry(`a/data/${i}`, '')),
      'more than 20000 entries',
    ],
    ['with nothing in it', [], 'neither a safetensors file nor one that torch.save wrote'],
  ] as const)('%s is refused', async (_, entries, sentence) => {
    await expect(readCheckpoint(writeStoredZip(entries))).rejects.toThrow(sentence);
  });

  test('with a compressed pickle, or an entry that says it is larger than the file, is refused', async () => {
    const bytes = writeTorchZip(TORCH);
    const directory = Buffer.from(bytes).indexOf('PK\x01\x02');
    const compressed = bytes.slice();
    compressed[directory + 10] = 8;
    await expect(readCheckpoint(compressed)).rejects.toThrow('is compressed, which PyTorch never does');
    const huge = bytes.slice();
    huge.fill(0xfe, directory + 20, directory + 28);
    await expect(readCheckpoint(huge)).rejects.toThrow('does not lie where its zip’s table of contents says');
  });

  test('is refused by its size before a byte of it is read', async () => {
    const file = { size: 2 ** 31, arrayBuffer: () => Promise.reject(new Error('read')) } as unknown as Blob;
    await expect(readCheckpoint(file)).rejects.toThrow('it is larger than 1 GB');
  });

  test('that cannot be read to its end is refused', async () => {
    const file = { size: 100, arrayBuffer: () => Promise.reject(new Error('gone')) } as unknown as Blob;
    await expect(readCheckpoint(file)).rejects.toThrow('This file could not be read to its end.');
  });
});
