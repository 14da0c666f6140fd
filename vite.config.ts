import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { listSiteFiles } from './scripts/build/listSiteFiles.mjs';
import { listWeights } from './scripts/build/listWeights.mjs';
import { isolationHeaders, siteHeaders } from './scripts/build/siteHeaders.mjs';
import { threadFiles } from './scripts/build/threadFiles.mjs';
import { writeContentPolicy } from './scripts/build/writeContentPolicy.mjs';

// How long each plugin took is of no use to whoever runs `npm start`.
const quietBundler = { checks: { pluginTimings: false } };

export default defineConfig({
  base: './',
  // Without the fallback of a single-page app: a file that is missing is answered with 404, not with the page.
  appType: 'mpa',
  plugins: [react(), listWeights(), writeContentPolicy(), listSiteFiles({ firstWeights: ['efficientnet-lite0'] })],
  worker: { format: 'es', plugins: () => [threadFiles()], rolldownOptions: quietBundler },
  build: {
    target: 'es2023',
    chunkSizeWarningLimit: 1500,
    // A browser without preloading loads all the same; the polyfill would be a file that both pages share.
    modulePreload: { polyfill: false },
    // The studio and the bench: two pages that share nothing but the colours.
    rolldownOptions: {
      ...quietBundler,
      input: ['index.html', 'bench.html', 'src/offline/serviceWorker.ts'],
      // A service worker answers for its own folder and those below it.
      output: {
        entryFileNames: ({ name }) => (name === 'serviceWorker' ? 'serviceWorker.js' : 'assets/[name]-[hash].js'),
      },
    },
  },
  server: { port: 5173, headers: isolationHeaders },
  preview: { port: 4173, strictPort: true, headers: siteHeaders },
});
