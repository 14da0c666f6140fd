// What went wrong inside a tfjs backend, where it can be told.

import { EngineError } from '../../../protocol/errors.ts';

/** What WebAssembly says when it asked for memory in vain, in Emscripten's words and in the engines'. */
const OUT_OF_MEMORY = /Aborted\(|memory access out of bounds|Cannot enlarge memory|out of memory/i;

/**
 * EngineError 'outOfMemory' for a WebAssembly that found no memory in the middle of its own work; anything else comes back as it is. That
 * instance is broken for good: whatever it is asked from now on fails or is wrong.
 */
export function explainFailure(thrown: unknown): unknown {
  const message = thrown instanceof Error ? thrown.message : '';
  if (thrown instanceof EngineError || !OUT_OF_MEMORY.test(message)) return thrown;
  return new EngineError(
    'outOfMemory',
    'WebAssembly ran out of memory in this step (a browser gives it 2 to 4 GB) and is started anew. What was trained up to here is kept. Take a smaller batch or smaller pictures.',
    { cause: thrown },
  );
}
