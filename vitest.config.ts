import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// tfjs comes as one file for Node and as modules. Tests must see one of them, or tensors and gradients belong to two
// different copies; these are the modules, as in the browser.
const tfjsModules = ['tfjs-core', 'tfjs-layers', 'tfjs-backend-cpu', 'tfjs-backend-wasm'].map((name) => ({
  find: new RegExp(`^@tensorflow/${name}$`),
  replacement: fileURLToPath(new URL(`node_modules/@tensorflow/${name}/dist/index.js`, import.meta.url)),
}));

export default defineConfig({
  resolve: { alias: tfjsModules },
  test: {
    include: ['src/**/*.test.ts', 'src/**/*.test.tsx', 'scripts/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'src/**/*.gpu.test.ts'],
    testTimeout: 180_000,
    server: { deps: { inline: [/@tensorflow\//] } },
  },
});
