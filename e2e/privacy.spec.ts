// Nothing leaves the computer: during a whole run every request goes to the page's own origin, and none carries a body.

import { expect, runThreeSteps, test } from './studioTest.ts';

test('a run sends nothing anywhere', async ({ page, studio, tinyDataset, baseURL }) => {
  const requests: { url: string; method: string }[] = [];
  page.context().on('request', (request) => requests.push({ url: request.url(), method: request.method() }));
  page.on('websocket', (socket) => requests.push({ url: socket.url(), method: 'WEBSOCKET' }));
  await page.goto('/');
  await runThreeSteps(studio, tinyDataset(), 2);

  expect(requests.length).toBeGreaterThan(3);
  const ownOrigin = new URL(baseURL ?? '').origin;
  const leaving = requests.filter(
    ({ url, method }) => method !== 'GET' || !(url.startsWith(`${ownOrigin}/`) || /^(blob|data):/.test(url)),
  );
  expect(leaving).toEqual([]);
});
