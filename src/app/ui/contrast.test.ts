import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { lightInkFromShare } from '../charts/confusion.ts';

type Rgb = readonly [number, number, number];
type Tokens = Readonly<Record<string, Rgb>>;

const css = readFileSync('src/app/ui/tokens.css', 'utf8');

function parseHex(hex: string): Rgb {
  const channel = (at: number) => Number.parseInt(hex.slice(at, at + 2), 16);
  return [channel(1), channel(3), channel(5)];
}

/** Every `--name: light-dark(#light, #dark)` of the tokens file. */
function readTokens(themeIndex: 1 | 2): Tokens {
  const pattern = /--(\w+): light-dark\((#[0-9a-f]{6}), (#[0-9a-f]{6})\)/g;
  return Object.fromEntries(
    Array.from(css.matchAll(pattern), (match) => [match[1], parseHex(match[themeIndex + 1] ?? '')]),
  );
}

/** Relative luminance and contrast as WCAG 2.2 defines them. */
function luminance(color: Rgb): number {
  const [red = 0, green = 0, blue = 0] = color.map((channel) => {
    const share = channel / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Rgb, b: Rgb): number {
  const [light = 0, dark = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (light + 0.05) / (dark + 0.05);
}

function token(tokens: Tokens, name: string): Rgb {
  const color = tokens[name];
  if (!color) throw new Error(`tokens.css has no colour --${name}.`);
  return color;
}

const grounds = ['paper', 'sheet', 'wash'];
const pairs: readonly (readonly [string, string])[] = [
  ...['ink', 'muted', 'danger'].flatMap((text) => grounds.map((ground) => [text, ground] as const)),
  ...['accent', 'caution', 'train', 'valid', 'rate'].map((text) => [text, 'paper'] as const),
  ['accent', 'sheet'],
  ['accent', 'accentWash'],
  ['ink', 'accentWash'],
  ['muted', 'accentWash'],
  ['train', 'accentWash'],
  ['valid', 'accentWash'],
  ['accentInk', 'accent'],
  ['ink', 'dangerWash'],
  ['paper', 'ink'],
  ['muted', 'matrixEmpty'],
  // The finder's zones: where they are narrow, a word reaches under the zone beside its own.
  ...['muted', 'accent', 'caution', 'danger', 'train'].flatMap((text) =>
    ['wash', 'accentWash', 'cautionWash', 'dangerWash'].map((ground) => [text, ground] as const),
  ),
];

describe.each([
  ['light', 1],
  ['dark', 2],
] as const)('the %s theme', (_, themeIndex) => {
  const tokens = readTokens(themeIndex);

  it.each(pairs)('shows %s on %s with a contrast of at least 4.5', (text, ground) => {
    expect(contrast(token(tokens, text), token(tokens, ground))).toBeGreaterThanOrEqual(4.5);
  });

  it('shows the edges of controls with a contrast of at least 3', () => {
    for (const ground of grounds) {
      expect(contrast(token(tokens, 'edge'), token(tokens, ground))).toBeGreaterThanOrEqual(3);
    }
  });

  it('shows the number of every matrix cell with a contrast of at least 4.5', () => {
    const empty = token(tokens, 'matrixEmpty');
    const full = token(tokens, 'matrixFull');
    for (let percent = 0; percent <= 100; percent++) {
      const share = percent / 100;
      const mix = (at: 0 | 1 | 2) => full[at] * share + empty[at] * (1 - share);
      const ink = token(tokens, share >= lightInkFromShare ? 'matrixInkHigh' : 'matrixInkLow');
      const found = contrast(ink, [mix(0), mix(1), mix(2)]);
      expect(found, `at ${percent} %`).toBeGreaterThanOrEqual(4.5);
    }
  });
});
