// @ts-check
// A Vite plugin: tfjs's threaded wasm backend starts its threads from files of the site. As published it makes their scripts at
// run time, as blob: addresses of texts (one of them a function's own text, which a minifier breaks); the content policy
// lets no script run that is not a file of the site.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const BACKEND_FILE = /tfjs-backend-wasm\/dist\/backend_wasm\.js$/;
const PUBLISHED = '@tensorflow/tfjs-backend-wasm/wasm-out/tfjs-backend-wasm-threaded-simd';

/** Each stretch of the published backend that makes a script from a text, and which file's address takes its place. */
const REPLACED = /** @type {const} */ ([
  { from: 'const response = wasmWorkerContents', to: 'return URL.createObjectURL(blob);', file: 'worker' },
  { from: 'factoryConfig.mainScriptUrlOrBlob = new Blob(', to: "{ type: 'text/javascript' });", file: 'main' },
]);

/** @returns {import('vite').Plugin} */
export function threadFiles() {
  return {
    name: 'windowbox:thread-files',
    apply: 'build',
    transform(code, id) {
      if (!BACKEND_FILE.test((id.split('?')[0] ?? '').replaceAll('\\', '/'))) return null;
      const published = createRequire(import.meta.url);
      const sources = {
        main: readFileSync(published.resolve(`${PUBLISHED}.js`), 'utf8'),
        // It is one line, in which the only line breaks stand inside strings and want their backslashes back.
        worker: published(`${PUBLISHED}.worker.js`).wasmWorkerContents.replaceAll('\n', '\\n'),
      };
      let changed = code;
      for (const { from, to, file } of REPLACED) {
        const start = changed.indexOf(from);
        const end = changed.indexOf(to, start);
        if (start === -1 || end === -1) {
          throw new Error('tfjs-backend-wasm no longer has the shape that threadFiles knows; read its source.');
        }
        const source = sources[file];
        const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
        const name = `wasm-thread-${file}-${hash}.js`;
        this.emitFile({ type: 'asset', fileName: `assets/${name}`, source });
        // Whoever bundles must not take the address apart: the file is none of its own. All chunks lie in assets/, too.
        const address = `new URL(/* @vite-ignore */ ${JSON.stringify(name)}, import.meta.url).href`;
        const statement = file === 'worker' ? `return ${address};` : `factoryConfig.mainScriptUrlOrBlob = ${address};`;
        changed = changed.slice(0, start) + statement + changed.slice(end + to.length);
      }
      return { code: changed, map: null };
    },
  };
}
