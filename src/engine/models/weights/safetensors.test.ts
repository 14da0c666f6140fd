import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { openSafetensors, parseSafetensors } from './safetensors.ts';
import { halfToFloat } from './storedNumbers.ts';
import { fromTorchLayout } from './tensorLayout.ts';

function makeFile(header: unknown, data: Uint8Array = new Uint8Array()): Uint8Array<ArrayBuffer> {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  bytes.set(data, 8 + json.length);
  return bytes;
}

test('a file with each kind of number reads as 32-bit floats', () => {
  const data = new Uint8Array(16);
  const view = new DataView(data.buffer);
  view.setFloat32(0, 1.5, true);
  view.setFloat32(4, -2, true);
  view.setUint16(8, 0x3e00, true);
  view.setUint16(10, 0xc000, true);
  view.setUint16(12, 0x3fc0, true);
  view.setUint16(14, 0xc000, true);
  const tensors = parseSafetensors(
    makeFile(
      {
        __metadata__: { format: 'pt' },
        full: { dtype: 'F32', shape: [2], data_offsets: [0, 8] },
        half: { dtype: 'F16', shape: [1, 2], data_offsets: [8, 12] },
        brain: { dtype: 'BF16', shape: [2, 1], data_offsets: [12, 16] },
      },
      data,
    ),
  );
  expect([...tensors].map(([name, { shape, values }]) => [name, shape, [...values]])).toEqual([
    ['full', [2], [1.5, -2]],
    ['half', [1, 2], [1.5, -2]],
    ['brain', [2, 1], [1.5, -2]],
  ]);
});

test('half floats are read to the last corner', () => {
  expect([0x0001, 0x03ff, 0x0400, 0x7bff, 0x8000].map(halfToFloat)).toEqual([
    2 ** -24,
    1023 * 2 ** -24,
    2 ** -14,
    65504,
    -0,
  ]);
  expect(halfToFloat(0x7c00)).toBe(Number.POSITIVE_INFINITY);
  expect(halfToFloat(0x7e00)).toBeNaN();
});

describe('a damaged file', () => {
  const tensor = (change: object) =>
    makeFile({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change } }, new Uint8Array(4));

  const twice = (change: object, dataBytes = 8) =>
    makeFile(
      {
        x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] },
        y: { dtype: 'F32', shape: [1], data_offsets: [0, 4], ...change },
      },
      new Uint8Array(dataBytes),
    );
  const nested = (depth: number) => `{"x":{"dtype":${'['.repeat(depth)}${']'.repeat(depth)}}}`;
  const sameName = () => {
    const entry = (start: number) => `"x":{"dtype":"F32","shape":[1],"data_offsets":[${start},${start + 4}]}`;
    return makeFile(`{${entry(0)},${entry(4)}}`, new Uint8Array(8));
  };

  test.each([
    ['is too short', new Uint8Array(3), 'shorter than its own length field'],
    ['has a header longer than itself', makeFile('{}').fill(255, 0, 8), 'header is longer than the file'],
    ['has no JSON', makeFile('{"x":'), 'header is not JSON'],
    ['has a list for a header', makeFile([]), 'not a table of tensors'],
    ['has numbers that nobody reads', tensor({ dtype: 'I64' }), 'of the type “I64”'],
    ['has a negative shape', tensor({ shape: [-1] }), 'not a list of counts'],
    ['has three offsets', tensor({ data_offsets: [0, 4, 8] }), 'not two counts'],
    ['points behind its end', tensor({ data_offsets: [4, 8] }), 'does not lie where the header says'],
    ['has more data than its shape', tensor({ shape: [2] }), 'does not lie where the header says'],
    ['has a shape of a thousand axes', tensor({ shape: Array(1000).fill(1) }), 'not a list of counts'],
    ['has a type that is nested deeply', makeFile(nested(100_000)), 'of the type that is not a name'],
    ['has a shape beyond all numbers', tensor({ shape: [2 ** 52, 2 ** 52] }), 'needs another number of bytes'],
    ['has overlapping tensors', twice({}), 'the tensor “y” overlaps another'],
    ['has bytes between tensors', twice({ data_offsets: [8, 12] }, 12), 'bytes before the tensor “y”'],
    ['has bytes at its end', twice({ data_offsets: [4, 8] }, 9), 'bytes at its end'],
    ['has two tensors of one name', sameName(), 'bytes before the tensor “x”'],
    ['has a name of a million letters', makeFile({ ['x'.repeat(1e6)]: {} }), `“${'x'.repeat(80)}…”`],
  ])('that %s is refused with that sentence', (_, bytes, sentence) => {
    expect(() => parseSafetensors(bytes as Uint8Array<ArrayBuffer>)).toThrow(sentence);
  });

  test('of any bytes ends in a sentence or in tensors, never in another error', () => {
    const header = fc.oneof(fc.json(), fc.string(), fc.constant('{"x":null}'), fc.constant('{"x":{"dtype":"F32"}}'));
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 64 }),
          fc.tuple(header, fc.uint8Array()).map(([h, d]) => makeFile(h, d)),
        ),
        (bytes) => {
          try {
            parseSafetensors(new Uint8Array(bytes));
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EngineError);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

test('a file is read without a copy of its 32-bit floats where that is asked for', () => {
  const bytes = makeFile({ x: { dtype: 'F32', shape: [1], data_offsets: [0, 4] } }, new Uint8Array([0, 0, 0x80, 0x3f]));
  // The header ends anywhere, and floats begin at multiples of four.
  const moved = new Uint8Array(new ArrayBuffer(bytes.length + 4), (4 - (bytes.length % 4)) % 4, bytes.length);
  moved.set(bytes);
  const tensor = openSafetensors(moved, ['F32']).get('x');
  expect(tensor?.values[0]).toBe(1);
  expect(tensor?.values.buffer).toBe(moved.buffer);
  expect(parseSafetensors(moved).get('x')?.values.buffer).not.toBe(moved.buffer);
});

test('PyTorch’s layouts become ours: the output channel runs fastest', () => {
  const kernel = { name: 'k', kind: 'kernel', shape: [2, 3, 4, 5], isLearned: true } as const;
  const torch = Float32Array.from({ length: 120 }, (_, index) => index);
  const ours = fromTorchLayout(kernel, torch);
  // [row 1, column 2, in 3, out 4] is [out 4, in 3, row 1, column 2] there.
  expect(ours[((1 * 3 + 2) * 4 + 3) * 5 + 4]).toBe(((4 * 4 + 3) * 2 + 1) * 3 + 2);
  expect(ours[((0 * 3 + 1) * 4 + 2) * 5 + 0]).toBe(((0 * 4 + 2) * 2 + 0) * 3 + 1);
  const weight = { name: 'w', kind: 'weight', shape: [2, 3], isLearned: true } as const;
  expect([...fromTorchLayout(weight, Float32Array.from([0, 1, 2, 3, 4, 5]))]).toEqual([0, 2, 4, 1, 3, 5]);
});
