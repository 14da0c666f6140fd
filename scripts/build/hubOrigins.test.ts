import { expect, test } from 'vitest';
import { hubOrigins } from './hubOrigins.mjs';

const PUBLIC_HUB = hubOrigins('');

test('the public hub is always among them, mirrors where they are named', () => {
  expect(PUBLIC_HUB[0]).toBe('https://huggingface.co');
  expect(hubOrigins(' https://mirror.example:8443  http://localhost:8080 ')).toEqual([
    ...PUBLIC_HUB,
    'https://mirror.example:8443',
    'http://localhost:8080',
  ]);
});

test.each([
  'https:',
  '*',
  'https://*.example',
  'http://mirror.example',
  'https://a.example;script-src',
  "'unsafe-eval'",
  'https://a.example/path',
  'data:',
])('%s is refused with a sentence', (named) => {
  expect(() => hubOrigins(named)).toThrow('Nothing was built');
});
