// Nobody gets in, nothing gets out: over a whole recipe every request goes to the page's own origin and the browser has nothing
// to refuse; and the policy that would refuse is in force, in the page and in its worker.

import { type Browser, type Page, test as playwrightTest } from '@playwright/test';
import { StudioPage } from '../scripts/headless/studioPage.mjs';
import { findLeaving, type OutsideRecorder, recordRequests, startOutsideRecorder } from './outsideRecorder.ts';
import { expect, test as studioTest } from './studioTest.ts';
import { collectComplaints } from './violations.ts';

const fewPictures = { classNames: ['circles', 'squares'], trainPerClass: 4, validPerClass: 2 } as const;

interface OutsideFixtures {
  readonly recorder: OutsideRecorder;
  /** A browser of the test's own: its only way out of this computer is the recorder. */
  readonly watched: Browser;
}

const test = studioTest.extend<OutsideFixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern.
  recorder: async ({}, use) => {
    const recorder = await startOutsideRecorder();
    await use(recorder);
    await recorder.close();
  },
  watched: async ({ playwright, launchOptions, recorder }, use) => {
    const watched = await playwright.chromium.launch({ ...launchOptions, proxy: recorder.proxy });
    await use(watched);
    await watched.close();
  },
});

/** What a piece of JavaScript that came as text does in the page or worker: runs, or is refused. */
function tryEval(): Promise<string> {
  // Not in the test driver's own call, which browsers let do more.
  return new Promise((resolve) => {
    setTimeout(() => {
      try {
        // biome-ignore lint/security/noGlobalEval: that it is refused is what is tested.
        resolve(`ran ${globalThis.eval('1 + 1')}`);
      } catch (thrown) {
        resolve(String(thrown));
      }
    });
  });
}

async function tryFetch(url: string): Promise<string> {
  return await fetch(url, { mode: 'no-cors' }).then(
    () => 'answered',
    (thrown: unknown) => String(thrown),
  );
}

async function findTrainer(page: Page) {
  await expect
    .poll(() => page.workers().map((worker) => worker.url()))
    .toContainEqual(expect.stringContaining('trainer.worker'));
  const trainer = page.workers().find((worker) => worker.url().includes('trainer.worker'));
  if (!trainer) throw new Error('There is no trainer worker.');
  return trainer;
}

test('a whole recipe asks nobody but its own site and breaks no policy', async ({
  watched,
  recorder,
  baseURL,
  tinyDataset,
}) => {
  test.setTimeout(400_000);
  const context = await watched.newContext({ ...(baseURL && { baseURL }), viewport: { width: 1440, height: 900 } });
  const requests = recordRequests(context);
  const complaints = collectComplaints(context);
  const page = await context.newPage();
  const studio = new StudioPage(page);
  await page.goto('/?backend=wasm&recipe=eight&size=32&batch=4');
  await studio.readBadge();
  await studio.chooseFolder(tinyDataset(fewPictures));
  for (const stepId of await studio.readStepIds()) {
    if (await studio.lacksPictures(stepId)) continue;
    if (stepId === 'fineTune') await studio.setOptions(stepId, { cycles: 1 });
    await studio.runStep(stepId);
  }

  // Pictures as blob:, a chart on its way to a file as data:.
  await studio.select('trainHead');
  const png = page.waitForEvent('download');
  await studio.stage.getByRole('button', { name: 'PNG' }).first().click();
  expect((await png).suggestedFilename()).toMatch(/\.png$/);
  await studio.select('data');
  await expect(studio.stage.locator('img').first()).toHaveJSProperty('complete', true);
  await studio.select('results');
  await expect(studio.confusionMatrix).toBeVisible();

  expect(requests.length).toBeGreaterThan(10);
  expect(requests.some(({ isOfServiceWorker }) => isOfServiceWorker)).toBe(true);
  expect(findLeaving(requests, new URL(baseURL ?? '').origin)).toEqual([]);
  expect(recorder.reached).toEqual([]);
  expect(await complaints.read()).toEqual([]);
});

test('the two records see what leaves, and only the hub could be asked', async ({ watched, recorder, baseURL }) => {
  const context = await watched.newContext({ ...(baseURL && { baseURL }) });
  const complaints = collectComplaints(context);
  const page = await context.newPage();
  await page.goto('/?backend=cpu');
  await new StudioPage(page).readBadge();
  const trainer = await findTrainer(page);
  const elsewhere = 'https://example.org/x';
  for (const tryThere of [() => page.evaluate(tryFetch, elsewhere), () => trainer.evaluate(tryFetch, elsewhere)]) {
    const before = (await complaints.read()).length;
    expect(await tryThere()).toMatch(/TypeError/);
    const sinceThen = async () => (await complaints.read()).slice(before).join();
    await expect
      .poll(sinceThen)
      .toMatch(/example\.org.*Content Security Policy|Content Security Policy.*example\.org/s);
    expect(recorder.reached).toEqual([]);
  }
  // Nothing of the page does this by itself; the first test would have seen it.
  await page.evaluate(tryFetch, 'https://huggingface.co/x');
  expect(recorder.reached).toEqual(['huggingface.co']);
});

test('scripts that come as text do not run, in the page or in its worker', async ({ page, studio }) => {
  await page.goto('/?backend=cpu');
  await studio.readBadge();
  const injected = await page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.ranInline = true';
    document.body.append(script);
    const picture = document.createElement('div');
    picture.innerHTML = '<img src="nothing" onerror="window.ranHandler = true">';
    document.body.append(picture);
    const fromBlob = document.createElement('script');
    fromBlob.src = URL.createObjectURL(new Blob(['window.ranBlob = true'], { type: 'text/javascript' }));
    document.body.append(fromBlob);
    await new Promise((resolve) => setTimeout(resolve, 300));
    return ['ranInline', 'ranHandler', 'ranBlob'].filter((name) => name in window);
  });
  expect(injected).toEqual([]);
  expect(await page.evaluate(tryEval)).toMatch(/EvalError/);
  expect(await (await findTrainer(page)).evaluate(tryEval)).toMatch(/EvalError/);
  const blobWorker = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker(URL.createObjectURL(new Blob(['postMessage("ran")'])));
        worker.onmessage = () => resolve('ran');
        worker.onerror = () => resolve('refused');
      }),
  );
  expect(blobWorker).toBe('refused');
});

playwrightTest(
  'no other page can show the studio in a frame, and both pages say their policy themselves',
  async ({ request }) => {
    for (const path of ['/', '/bench.html']) {
      const answer = await request.get(path);
      const { 'content-security-policy': policy, 'x-content-type-options': types } = answer.headers();
      expect(policy).toContain("frame-ancestors 'none'");
      expect(types).toBe('nosniff');
      expect(await answer.text()).toMatch(
        /<meta http-equiv="Content-Security-Policy" content="default-src [^"]*object-src/,
      );
    }
  },
);
