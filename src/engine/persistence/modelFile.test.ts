import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import { sizeOf } from '../graph/graph.ts';
import { findArchitecture } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { parseSafetensors } from '../models/weights/safetensors.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { readJson } from '../testing/fixtures.ts';
import { LITE0_WEIGHTS } from '../testing/weights.ts';
import { decodeModel, encodeModel, type SavedModel } from './modelFile.ts';

const ID = 'efficientnet-lite0';
const classes = ['ants', 'bees', 'wasps'];
const { parameters } = buildFullNetwork(findArchitecture(ID), 64, classes.length);
const values = new Map(
  parameters.map(({ name, shape }, index) => [
    name,
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(index + 0.1 * i)),
  ]),
);
const pick = (isHead: boolean) => new Map([...values].filter(([name]) => name.startsWith('head.') === isHead));
const headOnly: SavedModel = {
  name: '64_lastlayer',
  weights: LITE0_WEIGHTS,
  imageSizePx: 64,
  square: 'squashed',
  classes,
  labelKind: 'oneClass',
  rateShares: [0.01, 0.1, 1],
  head: pick(true),
  body: null,
};
const file = encodeModel(headOnly);

/** The file with another description in its header; the tensors stay where they are. */
function describeAnew(change: (description: Record<string, unknown>) => unknown): Uint8Array<ArrayBuffer> {
  const length = Number(new DataView(file.buffer).getBigUint64(0, true));
  const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)));
  header.__metadata__.windowbox = JSON.stringify(change(JSON.parse(header.__metadata__.windowbox)));
  const text = new TextEncoder().encode(JSON.stringify(header));
  const changed = new Uint8Array(8 + text.length + file.length - 8 - length);
  new DataView(changed.buffer).setBigUint64(0, BigInt(text.length), true);
  changed.set(text, 8);
  changed.set(file.subarray(8 + length), 8 + text.length);
  return changed;
}

/** Millions of numbers are compared one by one, which Vitest's own comparison takes a minute for. */
function expectSame({ head, body, ...rest }: SavedModel, expected: SavedModel): void {
  const { head: expectedHead, body: expectedBody, ...expectedRest } = expected;
  expect(rest).toEqual(expectedRest);
  for (const [found, wanted] of [
    [head, expectedHead],
    [body ?? new Map(), expectedBody ?? new Map()],
  ] as const) {
    expect([...found.keys()].sort()).toEqual([...wanted.keys()].sort());
    for (const [name, value] of wanted) {
      expect(found.get(name)?.length, name).toBe(value.length);
      expect(
        value.every((number: number, place: number) => number === found.get(name)?.[place]),
        name,
      ).toBe(true);
    }
  }
}

describe('a saved model', () => {
  test('comes back as it was, new layers alone or with the body that was trained', () => {
    expectSame(decodeModel(file), headOnly);
    const whole = { ...headOnly, body: pick(false) };
    const wholeFile = encodeModel(whole);
    expectSame(decodeModel(wholeFile), whole);
    expect(wholeFile.length).toBeGreaterThan(4 * 3_000_000);
    expect(file.length).toBeLessThan(wholeFile.length / 2);
  });

  test('from before there was a choice sees the middle of each picture', () => {
    const old = describeAnew(({ square: _, ...rest }) => rest);
    expect(decodeModel(old).square).toBe('centreSquare');
    expect(decodeModel(file).square).toBe('squashed');
  });

  test('from before there was a choice of weights is of those that came with the studio', () => {
    const old = describeAnew(({ weights: _, ...rest }) => ({ ...rest, architecture: ID, bodySha256: 'def' }));
    const { id, architecture, sha256, preprocessing } = decodeModel(old).weights;
    expect({ id, architecture, sha256 }).toEqual({ id: ID, architecture: ID, sha256: 'def' });
    expect(readJson<WeightsCard>(`public/weights/${ID}.json`).preprocessing).toMatchObject(preprocessing);
  });

  test('holds PyTorch’s names and shapes', () => {
    const stored = parseSafetensors(file);
    expect(stored.get('head.fc2.weight')?.shape).toEqual([3, 512]);
    expect(stored.get('head.fc1.weight')?.shape).toEqual([512, 2560]);
    expect([...stored.keys()].every((name) => name.startsWith('head.'))).toBe(true);
  });

  test.each<[string, (description: Record<string, unknown>) => unknown, string]>([
    ['another version', (found) => ({ ...found, version: 9 }), 'its version is 9'],
    [
      'an unknown network',
      (found) => ({ ...found, weights: { ...LITE0_WEIGHTS, architecture: 'vgg99' } }),
      'no network called “vgg99”',
    ],
    ['no network', (found) => ({ ...found, weights: undefined }), 'does not say which network it is'],
    [
      'a spread of zero',
      (found) => ({ ...found, weights: { ...LITE0_WEIGHTS, preprocessing: { mean: [0, 0, 0], std: [1, 0, 1] } } }),
      'does not say which network it is',
    ],
    [
      'classes more than outputs',
      (found) => ({ ...found, classes: [...classes, 'flies'] }),
      '“head.fc2.weight” has the shape',
    ],
    ['the same class twice', (found) => ({ ...found, classes: ['ants', 'ants', 'bees'] }), 'the same name'],
    ['a size that is none', (found) => ({ ...found, imageSizePx: 1e9 }), 'picture size'],
    ['squares by an unknown rule', (found) => ({ ...found, square: 'stretched' }), 'how pictures become its squares'],
    ['rates of another network', (found) => ({ ...found, rateShares: [1] }), 'rates do not fit'],
    ['a body that is not there', (found) => ({ ...found, hasBody: true }), 'is missing'],
    ['no description', () => null, 'not readable'],
  ])('with %s is refused with a sentence', (_, change, sentence) => {
    expect(() => decodeModel(describeAnew(change))).toThrow(EngineError);
    expect(() => decodeModel(describeAnew(change))).toThrow(sentence);
  });

  test('with a value that is no number is refused', () => {
    const head = new Map(headOnly.head).set('head.fc2.bias', Float32Array.from([0, Number.NaN, 0]));
    expect(() => decodeModel(encodeModel({ ...headOnly, head }))).toThrow(
      '“head.fc2.bias” holds values that are not numbers',
    );
  });

  test('of another program is refused, not guessed at', () => {
    const bytes = new Uint8Array(10);
    bytes[0] = 2;
    bytes.set([0x7b, 0x7d], 8);
    expect(() => decodeModel(bytes)).toThrow('not saved by this studio');
  });

  test('with a header made to harm is refused: too long, too deep, with names that objects have', () => {
    const withHeader = (text: string, length = text.length) => {
      const bytes = new Uint8Array(8 + text.length);
      new DataView(bytes.buffer).setBigUint64(0, BigInt(length), true);
      bytes.set(new TextEncoder().encode(text), 8);
      return bytes;
    };
    const tensor = '{"dtype":"F32","shape":[1],"data_offsets":[0,4]}';
    const hostile = [
      withHeader('{}', 2 ** 52),
      withHeader('['.repeat(1e6)),
      withHeader(`{"a":${'{"b":'.repeat(1e5)}1${'}'.repeat(1e5)}}`),
      withHeader(`{"__proto__":${tensor}}`),
      withHeader(`{"constructor":${tensor}}`),
      withHeader('{"a":{"dtype":"toString","shape":[1],"data_offsets":[0,4]}}'),
      withHeader('{"a":{"dtype":"F32","shape":[9007199254740991,9007199254740991],"data_offsets":[0,4]}}'),
      withHeader('{"__metadata__":{"__proto__":"x","windowbox":"[]"}}'),
    ];
    for (const bytes of hostile) {
      expect(() => decodeModel(bytes)).toThrow(EngineError);
      expect(() => parseSafetensors(bytes).get('x')?.shape).not.toThrow(RangeError);
    }
    expect(Object.keys({})).toEqual([]);
    const named = describeAnew((found) => ({ ...found, weights: { ...LITE0_WEIGHTS, architecture: '__proto__' } }));
    expect(() => decodeModel(named)).toThrow('no network called “__proto__”');
  });

  test('that is cut or changed anywhere ends in a sentence or in a model, never in anything else', () => {
    const start = file.subarray(0, 4000);
    fc.assert(
      fc.property(fc.nat(start.length - 1), fc.nat(255), fc.boolean(), (place, byte, isCut) => {
        const changed = new Uint8Array(isCut ? start.subarray(0, place) : file);
        if (!isCut) changed[place] = byte;
        try {
          expect(decodeModel(changed).weights.architecture).toBe(ID);
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(EngineError);
        }
      }),
      { numRuns: 60 },
    );
  });
});
