// What went wrong inside a tfjs backend, where it can be told.

import { EngineError } from '../../../protocol/errors.ts';

/** What WebAssembly says when it asked for memory in vain, in Emscripten's words and in the engines'. */
const OUT_OF_MEMORY = /Aborted\(|memory access out of bounds|Cannot enlarge memory|out of memory/i;

/**
 * A sentence for a WebAssembly that ran out of memory; anything else comes back as it is. After it the WebAssembly is broken for
 * good, and with it everything that was trained on it: the studio's engine has to be started again.
 */
export function explainFailure(thrown: unknown): unknown {
  const message = thrown instanceof Error ? thrown.message : '';
  if (thrown instanceof EngineError || !OUT_OF_MEMORY.test(message)) return thrown;
  return new EngineError(
    'internal',
    'WebAssembly ran out of memory in this step (browsers give it 2 to 4 GB), and what was trained here is lost with it. Your pictures and the results on this page are kept. Start the engine again, save the model before a large step, and take a smaller batch or smaller pictures.',
    { cause: thrown },
  );
}
