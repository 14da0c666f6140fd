import fc from 'fast-check';
import { expect, test } from 'vitest';
import { showText } from './showText.ts';

test.each([
  ['photo\u202egpj.exe', 'photo\ufffdgpj.exe'],
  ['cat\u0000.jpg', 'cat\ufffd.jpg'],
  ['a\u200bb\r\n', 'a\ufffdb\ufffd\ufffd'],
])('%j is shown without what turns or hides it', (text, shown) => {
  expect(showText(text)).toBe(shown);
});

test.each(['Katze', 'né à Zürich', 'כלב/חתול.jpg', '猫', '👩\u200d🌾', 'می\u200cخواهم'])(
  '%s stays as it is',
  (text) => {
    expect(showText(text)).toBe(text);
  },
);

test('no text keeps a control character or turns what follows it', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(showText(text)).not.toMatch(/[\p{Cc}\u202a-\u202e\u2066-\u2069]/u);
    }),
  );
});
