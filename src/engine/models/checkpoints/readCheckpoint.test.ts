import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCheckpoint } from './readCheckpoint.ts';

const load = (name: string) => new Uint8Array(readFileSync(`fixtures/checkpoints/${name}`));
const countUp = (count: number) => Array.from({ length: count }, (_, i) => i / 2 - 1);

test('a safetensors file and a torch zip of the same tensors read the same, whatever they are called', async () => {
  const files = await Promise.all(
    ['dtypes.safetensors', 'dtypes.pth'].map((name) => readCheckpoint(new Blob([load(name)]))),
  );
  expect(files.map(({ format }) => format)).toEqual(['safetensors', 'torchZip']);
  for (const { tensors } of files) {
    expect(Object.fromEntries([...tensors].map(([name, { dtype, values }]) => [name, [dtype, ...values]]))).toEqual({
      float32: ['F32', ...countUp(6)],
      float16: ['F16', ...countUp(5)],
      bfloat16: ['BF16', ...countUp(4)],
      float64: ['F64', ...countUp(3)],
      num_batches_tracked: ['I64', 7],
    });
  }
  expect([...(files[0]?.metadata ?? [])]).toEqual([['format', 'pt']]);
});

test('the names of a model in DataParallel lose what was put before them', async () => {
  const { tensors } = await readCheckpoint(load('training.pth'));
  expect([...tensors.keys()].slice(0, 2)).toEqual(['0.weight', '0.bias']);
});

const tar = new Uint8Array(1024);
tar.set(new TextEncoder().encode('ustar'), 257);

test.each([
  ['an empty file', new Uint8Array(), 'it is empty'],
  ['a legacy file', load('legacy.pth'), 'it is in PyTorch’s format from before 1.6'],
  ['a bare pickle', Uint8Array.of(0x80, 2, 0x4e, 0x2e), 'it is a bare pickle'],
  ['a tar archive', tar, 'it is a tar archive'],
  ['a Keras file', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a), 'it is an HDF5 file'],
  [
    'a picture',
    Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 0, 0, 0, 0, 0),
    'neither a safetensors file nor one that torch.save',
  ],
  ['a file without tensors', Uint8Array.of(2, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x7d), 'it holds no tensors'],
])('%s is refused with a sentence', async (_, bytes, sentence) => {
  await expect(readCheckpoint(bytes as Uint8Array<ArrayBuffer>)).rejects.toMatchObject({ code: 'weightsDamaged' });
  await expect(readCheckpoint(bytes as Uint8Array<ArrayBuffer>)).rejects.toThrow(sentence);
});
