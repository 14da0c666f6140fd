import path from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { parseNpmSettings, readPythonIndex } from './registries.ts';

afterEach(() => vi.unstubAllEnvs());

test('npm’s own registry, cache and proxies are used', () => {
  const output = `npm warn something\n${JSON.stringify({
    registry: 'https://packages.example.org/npm/',
    cache: path.join('home', '.npm'),
    proxy: null,
    'https-proxy': 'http://proxy.example.org:3128',
    'strict-ssl': true,
  })}\n`;
  expect(parseNpmSettings(output)).toEqual({
    registry: 'https://packages.example.org/npm/',
    cache: path.join('home', '.npm', '_cacache'),
    httpsProxy: 'http://proxy.example.org:3128',
    strictSSL: true,
  });
});

test('without an answer of npm the public registry is asked', () => {
  expect(parseNpmSettings('npm: command failed')).toEqual({ registry: 'https://registry.npmjs.org/' });
  expect(parseNpmSettings('{"registry":')).toEqual({ registry: 'https://registry.npmjs.org/' });
});

test('pip’s index is used, with or without a slash at its end', async () => {
  vi.stubEnv('PIP_INDEX_URL', 'https://packages.example.org/simple');
  expect(await readPythonIndex()).toBe('https://packages.example.org/simple/');
});
