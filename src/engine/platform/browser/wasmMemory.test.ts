import { expect, test, vi } from 'vitest';
import { EngineError } from '../../../protocol/errors.ts';
import { useBackend } from '../../testing/backends.ts';
import * as tf from '../../tf.ts';
import { guardWasmMemory, leaveWasm } from './wasmMemory.ts';

useBackend('wasm');

const MEBIBYTE = 2 ** 20;

/** Asked for and never written to, so that the operating system gives no page of it. */
function take(sizeBytes: number): tf.Tensor {
  const backend = tf.backend() as unknown as { makeOutput(shape: number[], dtype: 'float32'): tf.TensorInfo };
  const { dataId, shape, dtype } = backend.makeOutput([sizeBytes / 4], 'float32');
  return tf.engine().makeTensorFromDataId(dataId, shape, dtype) as tf.Tensor;
}

/** Until there is no room. */
function fill(taken: tf.Tensor[], sizeBytes: number): void {
  while (taken.length < 1000) taken.push(take(sizeBytes));
}

const sumOf = (tensor: tf.Tensor) => tf.tidy(() => tf.sum(tensor).dataSync()[0]);

test('a WebAssembly that is full says so before it computes, keeps what it has, and has room again once another takes its place', async () => {
  const onFull = vi.fn();
  guardWasmMemory(onFull);
  const small = tf.range(0, 1000, 1, 'float32');
  const square = tf.zeros([2000, 2000]);
  const large: tf.Tensor[] = [];
  expect(() => fill(large, 1000 * MEBIBYTE)).toThrow(EngineError);
  expect(large.length).toBeGreaterThanOrEqual(2);
  expect(onFull).toHaveBeenCalledOnce();
  expect(onFull.mock.calls[0]?.[0]).toMatchObject({ code: 'outOfMemory' });
  expect(sumOf(small)).toBe(499_500);

  // A pass that finds no room half-way leaves nothing of itself behind.
  expect(() => fill(large, 40 * MEBIBYTE)).toThrow(EngineError);
  const before = tf.memory().numTensors;
  expect(() =>
    tf.tidy(() => {
      let grown = square;
      for (let count = 0; count < 9; count++) grown = tf.add(grown, square);
      return grown;
    }),
  ).toThrow(/no memory left/);
  expect(tf.memory().numTensors).toBe(before);
  expect(sumOf(small)).toBe(499_500);

  large[0]?.dispose();
  take(900 * MEBIBYTE).dispose();

  leaveWasm();
  await tf.setBackend('wasm');
  expect(tf.getBackend()).toBe('wasm');
  const fresh = [take(1000 * MEBIBYTE), take(1000 * MEBIBYTE)];
  const again = tf.range(0, 10, 1, 'float32');
  expect(sumOf(again)).toBe(45);
  for (const tensor of [...fresh, again, ...large.slice(1), small, square]) tensor.dispose();
});
