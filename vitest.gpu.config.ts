// Tests of the WebGPU executor (*.gpu.test.ts) in real Chromium, on whatever adapter it offers: a GPU, or the processor through
// SwiftShader. A test fails where there is no adapter; none is skipped.

import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { chromiumFlags } from './scripts/setup/chromiumFlags.mjs';
import { findChromium } from './scripts/setup/findChromium.mjs';
import { SetupError } from './scripts/setup/setupError.mjs';

const executablePath = findChromium();
if (!executablePath) throw new SetupError('No Chromium was found. "npm run gpu-tests" looks for one and installs it.');

export default defineConfig({
  // Found at the start and not in the middle of a test, which would load the page again.
  optimizeDeps: {
    include: [
      '@tensorflow/tfjs-backend-cpu',
      '@tensorflow/tfjs-core',
      '@tensorflow/tfjs-core/dist/register_all_gradients',
      'pure-rand/generator/mersenne',
      'pure-rand/generator/xoroshiro128plus',
    ],
  },
  test: {
    include: ['src/**/*.gpu.test.ts'],
    // Compiling a network's kernels for SwiftShader takes a minute on two cores.
    testTimeout: 600_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      // A machine that is busy takes longer than Vitest's minute to bundle what the tests import.
      connectTimeout: 300_000,
      provider: playwright({ launchOptions: { executablePath, args: chromiumFlags({ hasSoftwareWebgpu: true }) } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
