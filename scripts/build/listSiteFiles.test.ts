import { expect, test } from 'vitest';
import { sortSiteFiles } from './listSiteFiles.mjs';

test('the page is kept at once, the first run’s files and all cards ahead, other weights when they are used, the bench never', () => {
  const paths = [
    'assets/bench-1.js',
    'assets/index-1.js',
    'bench.html',
    'index.html',
    'sample/drawings.zip',
    'serviceWorker.js',
    'weights/large.json',
    'weights/large.safetensors',
    'weights/lite.json',
    'weights/lite.safetensors',
  ];
  expect(Object.fromEntries(sortSiteFiles(paths, ['assets/index-1.js'], ['lite']))).toEqual({
    'assets/index-1.js': 'page',
    'index.html': 'page',
    'sample/drawings.zip': 'ahead',
    'weights/large.json': 'ahead',
    'weights/large.safetensors': 'onUse',
    'weights/lite.json': 'ahead',
    'weights/lite.safetensors': 'ahead',
  });
});
