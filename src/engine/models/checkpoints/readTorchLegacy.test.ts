import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { readTorchLegacy } from './readTorchLegacy.ts';

/** torch.nn.Linear(3, 2)'s state dict, as scripts/parity/make_checkpoints.py saves it. */
const load = () => new Uint8Array(readFileSync('fixtures/checkpoints/legacy.pth'));

function change(edit: (file: Uint8Array) => void): Uint8Array<ArrayBuffer> {
  const file = load();
  edit(file);
  return file;
}

test('a file from before PyTorch 1.6 reads as one from after it', () => {
  const { format, tensors } = readTorchLegacy(load());
  expect(format).toBe('torchLegacy');
  expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
    ['weight', 'F32', [2, 3]],
    ['bias', 'F32', [2]],
  ]);
  // As torch.load gives them.
  const weight = [-0.051236398518085, 0.152774125337601, -0.174482792615891, -0.11348707973957, -0.55157071352005];
  expect(tensors.get('weight')?.values).toEqual(Float32Array.from([...weight, -0.382368743419647]));
  expect(tensors.get('bias')?.values).toEqual(Float32Array.from([-0.237997114658356, 0.021387115120888]));
});

describe('a damaged file', () => {
  test.each([
    ['begins otherwise', () => change((file) => file.fill(0, 4, 6)), 'does not begin as PyTorch’s files'],
    ['is of another version', () => change((file) => file.fill(0, 18, 20)), 'of a version of PyTorch’s format'],
    ['is cut short', () => load().slice(0, -1), 'it ends before its last tensor'],
    ['is too long', () => Uint8Array.from([...load(), 0]), 'something lies behind its last tensor'],
    ['has another count', () => change((file) => file.fill(9, -16, -15)), 'not of the sizes that its tensors say'],
    ['ends inside its list', () => load().slice(0, 60), 'it ends too early'],
  ])('that %s is refused in a sentence', (_, make, sentence) => {
    expect(() => readTorchLegacy(make())).toThrow(sentence);
  });

  test('with any byte changed ends in a sentence or in tensors, never in another error', () => {
    const { length } = load();
    fc.assert(
      fc.property(fc.nat(length - 1), fc.integer({ min: 0, max: 255 }), (place, byte) => {
        try {
          const { tensors } = readTorchLegacy(change((file) => file.fill(byte, place, place + 1)));
          for (const { values } of tensors.values()) expect(values).toBeInstanceOf(Float32Array);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 500 },
    );
  });
});
