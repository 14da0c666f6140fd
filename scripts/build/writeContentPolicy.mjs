// @ts-check
// A Vite plugin: every built page begins with the content policy, so that it holds on any host. The development server needs
// inline scripts of its own and goes without.

import { contentPolicy } from './siteHeaders.mjs';

/** @returns {import('vite').Plugin} */
export function writeContentPolicy() {
  return {
    name: 'windowbox:write-content-policy',
    apply: 'build',
    transformIndexHtml: {
      order: 'post',
      handler: () => [
        {
          tag: 'meta',
          attrs: { 'http-equiv': 'Content-Security-Policy', content: contentPolicy },
          injectTo: 'head-prepend',
        },
      ],
    },
  };
}
