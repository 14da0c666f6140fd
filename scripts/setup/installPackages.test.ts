import { expect, test } from 'vitest';
import { isInstallCurrent } from './installPackages.mjs';

const wanted = {
  '': {},
  'node_modules/one': { version: '1.0.0', integrity: 'sha512-one' },
  'node_modules/only-for-another-system': { version: '2.0.0', integrity: 'sha512-two', optional: true },
};

test('packages that are as the lock file says are not installed again', () => {
  expect(isInstallCurrent(wanted, { 'node_modules/one': { version: '1.0.0', integrity: 'sha512-one' } })).toBe(true);
});

test('a missing package is noticed', () => {
  expect(isInstallCurrent(wanted, {})).toBe(false);
});

test('another version of a package is noticed', () => {
  expect(isInstallCurrent(wanted, { 'node_modules/one': { version: '0.9.0', integrity: 'sha512-old' } })).toBe(false);
});

test('an optional package is noticed only when another version of it is there', () => {
  const one = { 'node_modules/one': wanted['node_modules/one'] };
  const old = { version: '1.9.0', integrity: 'sha512-old' };
  expect(isInstallCurrent(wanted, { ...one, 'node_modules/only-for-another-system': old })).toBe(false);
});
