// A Vite plugin: lets tfjs's threaded wasm backend survive bundling. The backend starts its threads from the text of one of
// its own functions (`factory.toString()`), and a minified function's text refers to names that exist only in the bundle.
// The plugin makes toString() answer with the text as it was published.
// @ts-check

const FILE = /tfjs-backend-wasm-threaded-simd\.js$/;
const START = 'var WasmBackendModuleThreadedSimd = ';
const END = '})();';

/** @returns {import('vite').Plugin} */
export function keepThreadFactorySource() {
  return {
    name: 'windowbox:keep-thread-factory-source',
    transform(code, id) {
      if (!FILE.test(id.split('?')[0] ?? '')) return null;
      const start = code.indexOf(START);
      const end = code.indexOf(END, start);
      if (start === -1 || end === -1) {
        throw new Error(
          'tfjs-backend-wasm no longer has the shape that keepThreadFactorySource knows; read its source.',
        );
      }
      const source = code.slice(start + START.length, end + END.length - 1);
      const patch = `\nWasmBackendModuleThreadedSimd.toString = () => ${JSON.stringify(source)};\n`;
      return { code: code.slice(0, end + END.length) + patch + code.slice(end + END.length), map: null };
    },
  };
}
