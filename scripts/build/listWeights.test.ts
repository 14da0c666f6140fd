import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { build, createServer, type InlineConfig } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listWeights, listWeightsIds } from './listWeights.mjs';

let root = '';
const site: InlineConfig = { configFile: false, logLevel: 'silent', base: './', plugins: [listWeights()] };

function addWeights(id: string): void {
  writeFileSync(path.join(root, 'public', 'weights', `${id}.json`), '{}');
  writeFileSync(path.join(root, 'public', 'weights', `${id}.safetensors`), 'weights');
}

beforeAll(() => {
  root = mkdtempSync(path.join(tmpdir(), 'windowbox-site-'));
  mkdirSync(path.join(root, 'public', 'weights'), { recursive: true });
  writeFileSync(path.join(root, 'index.html'), '<!doctype html><title>site</title>');
  addWeights('one');
  // A card without weights, as a fetch leaves it for a moment, is none.
  writeFileSync(path.join(root, 'public', 'weights', 'half.json'), '{}');
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

test('a built site lists the weights that it holds', async () => {
  await build({ ...site, root });
  expect(JSON.parse(readFileSync(path.join(root, 'dist', 'weights', 'index.json'), 'utf8'))).toEqual(['one']);
});

test('the page that is being written sees weights as soon as they come', async () => {
  const server = await createServer({ ...site, root, server: { port: 0, watch: null, ws: false } });
  try {
    await server.listen();
    const address = new URL('weights/index.json', server.resolvedUrls?.local[0]);
    expect(await (await fetch(address)).json()).toEqual(['one']);
    addWeights('another');
    expect(await (await fetch(address)).json()).toEqual(['another', 'one']);
  } finally {
    await server.close();
  }
});

test('without a folder of weights the list is empty', () => {
  expect(listWeightsIds(path.join(root, 'nowhere'))).toEqual([]);
});
