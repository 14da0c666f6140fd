import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { writeTorchZip } from '../../testing/torchZip.ts';
import { readTorchZip } from './readTorchZip.ts';
import { openTorchArchive } from './torchArchive.ts';

const load = (name: string) => new Uint8Array(readFileSync(`fixtures/checkpoints/${name}`));
const open = (name: string) => readTorchZip(load(name));

/** The rule of scripts/parity/make_checkpoints.py. */
const countUp = (count: number) => Array.from({ length: count }, (_, i) => i / 2 - 1);

describe.each(['dtypes.pth', 'dtypesProtocol4.pth', 'withoutChecksums.pth'])('%s', (name) => {
  test('gives every kind of float as PyTorch stored it', async () => {
    const { tensors } = await open(name);
    expect([...tensors].map(([key, { dtype, shape, values }]) => [key, dtype, shape, [...values]])).toEqual([
      ['float32', 'F32', [2, 3], countUp(6)],
      ['float16', 'F16', [5], countUp(5)],
      ['bfloat16', 'BF16', [2, 2], countUp(4)],
      ['float64', 'F64', [3], countUp(3)],
      ['num_batches_tracked', 'I64', [], [7]],
    ]);
  });
});

test('transposed, sliced and shared tensors read in the order that PyTorch shows them in', async () => {
  const { tensors } = await open('layouts.pth');
  expect([...tensors].map(([key, { shape, values }]) => [key, shape, [...values]])).toEqual([
    ['transposed', [4, 3], countUp(12)],
    ['channelsLast', [2, 3, 2, 2], countUp(24)],
    ['sliced', [2, 2], countUp(4)],
    ['firstOfPair', [4], countUp(4)],
    ['secondOfPair', [3], countUp(3)],
    ['parameter', [3], countUp(3)],
    ['scalar', [], [-1]],
    ['empty', [0, 4], []],
  ]);
});

test('the weights are found in a training checkpoint, and what else it says is kept', async () => {
  const { tensors, metadata, notes } = await open('training.pth');
  expect([...tensors].map(([key, { shape }]) => [key, shape])).toEqual([
    ['module.0.weight', [2, 3]],
    ['module.0.bias', [2]],
    ['module.1.weight', [2]],
    ['module.1.bias', [2]],
    ['module.1.running_mean', [2]],
    ['module.1.running_var', [2]],
    ['module.1.num_batches_tracked', []],
  ]);
  expect([...(tensors.get('module.0.weight')?.values ?? [])]).toEqual(countUp(6));
  expect([...metadata]).toEqual([['arch', 'resnet18']]);
  expect(notes).toEqual(['The weights under “state_dict” are taken, not the average under “model_ema”.']);
});

test.each([
  [
    'wholeModel.pth',
    'it holds a whole pickled program object (“torch.nn.modules.linear.Linear”) and not just its weights',
  ],
  ['torchScript.pt', 'it is a TorchScript archive, which holds a program'],
  ['runsCommand.pth', 'it asks to run “posix.system”, and the studio never runs what a file asks for'],
  ['withArguments.pth', 'it asks to run “argparse.Namespace”'],
  ['booleans.pth', 'its tensor “mask” is of the type “BoolStorage”'],
  ['repeated.pth', 'its tensor “weight” has more values than are stored for it'],
  ['numbers.pth', 'it holds no dictionary of tensors'],
])('%s is refused: %s', async (name, sentence) => {
  const refusal = open(name);
  await expect(refusal).rejects.toThrow(sentence);
  await expect(refusal).rejects.toMatchObject({ code: 'weightsDamaged' });
  await expect(refusal).rejects.toThrow(/Nothing was loaded\. .*torch\.save\(model\.state_dict\(\), ‘file\.pth’\)/);
});

test('a changed byte among the numbers is noticed when they are read', async () => {
  const bytes = load('dtypes.pth');
  const { tensors } = await readTorchZip(bytes);
  const numbers = tensors.get('float32')?.values as Float32Array;
  const changed = bytes.slice();
  (changed[numbers.byteOffset + 1] as number) ^= 0x10;
  const damaged = await readTorchZip(changed);
  expect(() => damaged.tensors.get('float32')?.values).toThrow('the checksum of its entry “data/0” is wrong');
});

test('32-bit floats are a view of the file, so that a large file is held once', async () => {
  const bytes = load('dtypes.pth');
  const { tensors } = await readTorchZip(bytes);
  expect(tensors.get('float32')?.values.buffer).toBe(bytes.buffer);
});

test('the tests’ own writer makes what torch.save makes, byte for byte', async () => {
  const real = load('dtypes.pth');
  const archive = await openTorchArchive(real);
  const tensor = (key: number, storageType: string, shape: readonly number[]) => ({
    storageType,
    shape,
    bytes: archive.read(`data/${key}`),
  });
  const written = writeTorchZip(
    new Map([
      ['float32', tensor(0, 'FloatStorage', [2, 3])],
      ['float16', tensor(1, 'HalfStorage', [5])],
      ['bfloat16', tensor(2, 'BFloat16Storage', [2, 2])],
      ['float64', tensor(3, 'DoubleStorage', [3])],
      ['num_batches_tracked', tensor(4, 'LongStorage', [])],
    ]),
    { folder: 'dtypes', serializationId: new TextDecoder().decode(archive.read('.data/serialization_id')) },
  );
  expect(Buffer.from(written).equals(Buffer.from(real))).toBe(true);
});
