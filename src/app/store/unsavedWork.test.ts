import { describe, expect, it } from 'vitest';
import { isUnsaved, NO_WORK, withFile, withKept, withOpenedKept, withoutKept, withTrained } from './unsavedWork.ts';

const trained = withTrained(NO_WORK, '224_lastlayer');

describe('what would be lost with the page', () => {
  it('is what is trained, until a file holds it or other pictures take its place', () => {
    expect(isUnsaved(NO_WORK)).toBe(false);
    expect(isUnsaved(trained)).toBe(true);
    expect(isUnsaved(withFile(trained))).toBe(false);
    expect(isUnsaved(withTrained(withFile(trained), '224_all'))).toBe(true);
    expect(isUnsaved(withTrained(trained, null))).toBe(false);
  });

  it('is a model that is kept in the page alone, whatever is trained after it', () => {
    const kept = withKept(trained, 'first');
    const savedLater = withFile(withTrained(kept, '224_all'));
    expect(isUnsaved(savedLater)).toBe(true);
    expect(isUnsaved(withoutKept(savedLater, 'first'))).toBe(false);
    expect(isUnsaved(withFile(withOpenedKept(withTrained(savedLater, 'first'), 'first')))).toBe(false);
  });

  it('is not a kept model that a file holds too, also when it is opened again', () => {
    const both = withKept(withFile(trained), 'first');
    expect(isUnsaved(both)).toBe(false);
    expect(isUnsaved(withOpenedKept(withTrained(both, 'first'), 'first'))).toBe(false);
  });
});
