// The memory of tfjs's WebAssembly. tfjs never asks whether it was given what it asked for: at the end of the memory it would compute at
// address 0, over whatever lies there. And a WebAssembly's memory only ever grows: what it took comes back with another instance alone.

import { EngineError } from '../../../protocol/errors.ts';
import * as tf from '../../tf.ts';

/** Of tfjs-wasm's BackendWasm, whose `wasm` is an Emscripten module. */
interface WasmBackend {
  readonly wasm: {
    /** @returns the address, as a signed number; 0 where there is no room */
    _malloc: (sizeBytes: number) => number;
    _free: (address: number) => void;
    /** Of the build with threads. */
    readonly PThread?: { terminateAllThreads(): void };
  };
  dispose(): void;
}

const FULL =
  'WebAssembly has no memory left (a browser gives it 2 to 4 GB). What was trained up to here is kept. Take a smaller batch or smaller pictures.';

/**
 * From now on a tensor that finds no room ends what was asked for with EngineError 'outOfMemory', and all other tensors stay what they
 * were. Call once for an instance, while tfjs's wasm backend is set.
 */
export function guardWasmMemory(onFull: (error: EngineError) => void): void {
  const { wasm } = tf.backend() as unknown as WasmBackend;
  // Emscripten puts the function itself in place of a stub at the first call, and would put it in place of the guard.
  wasm._free(wasm._malloc(1));
  const allocate = wasm._malloc;
  wasm._malloc = (sizeBytes) => {
    const address = allocate(sizeBytes);
    if (address !== 0) return address;
    const error = new EngineError('outOfMemory', FULL);
    onFull(error);
    throw error;
  };
}

/** The next `tf.setBackend('wasm')` makes an instance with empty memory. Tensors of the one before it can still be disposed. */
export function leaveWasm(): void {
  const factory = tf.findBackendFactory('wasm');
  const backend = tf.findBackend('wasm') as unknown as WasmBackend | null;
  if (!backend) return;
  const { PThread } = backend.wasm;
  // tfjs's own asks an instance that may be broken to free what it holds; this one goes as a whole.
  backend.dispose = () => PThread?.terminateAllThreads();
  tf.removeBackend('wasm');
  tf.registerBackend('wasm', factory);
}
