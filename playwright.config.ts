// Browser tests: one real Chromium, one test at a time, against the built page. Nothing is tried twice: a test that
// passes now and then is a fault to find.

import { defineConfig } from '@playwright/test';
import { chromiumFlags } from './scripts/setup/chromiumFlags.mjs';
import { findChromium } from './scripts/setup/findChromium.mjs';
import { SetupError } from './scripts/setup/setupError.mjs';
import { browserReport } from './scripts/setup/stages.mjs';

const executablePath = findChromium();
if (!executablePath) throw new SetupError('No Chromium was found. "npm run e2e" looks for one and installs it.');

const port = Number(process.env.E2E_PORT ?? 4180);

export default defineConfig({
  testDir: 'e2e',
  outputDir: 'test-results',
  forbidOnly: Boolean(process.env.CI),
  fullyParallel: false,
  workers: 1,
  retries: 0,
  timeout: 180_000,
  // What is waited for does come; a machine that is busy takes longer than Playwright's five seconds.
  expect: { timeout: 30_000 },
  reporter: [['list'], ['json', { outputFile: browserReport }]],
  use: {
    baseURL: `http://localhost:${port}`,
    viewport: { width: 1440, height: 900 },
    acceptDownloads: true,
    actionTimeout: 20_000,
    screenshot: 'only-on-failure',
    launchOptions: { executablePath, args: chromiumFlags() },
  },
  webServer: {
    command: `node node_modules/vite/bin/vite.js preview --port ${port} --strictPort`,
    url: `http://localhost:${port}`,
    reuseExistingServer: false,
  },
});
