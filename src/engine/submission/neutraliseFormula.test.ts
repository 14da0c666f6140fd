import fc from 'fast-check';
import { expect, test } from 'vitest';
import { neutraliseFormula } from './neutraliseFormula.ts';

test.each(['=HYPERLINK("http://x")', '+1+cmd', '-2+3', '@SUM(A1)', '\t=1', '\r=1', '\n=1', '＝1', '＠x', '-', '+dog'])(
  'a spreadsheet would run %j, so it becomes text',
  (text) => {
    expect(neutraliseFormula(text)).toBe(`'${text}`);
  },
);

test.each(['dog', 'a=b', "'=1", '', '0.5', '-1.5', '+3', '-.5', '-1e-7', '1E+5'])('%j stays as it is', (text) => {
  expect(neutraliseFormula(text)).toBe(text);
});

test('no number is ever changed', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
      expect(neutraliseFormula(String(value))).toBe(String(value));
      expect(neutraliseFormula(value.toExponential())).toBe(value.toExponential());
    }),
  );
});
