// @vitest-environment happy-dom
// 650 archives and paths that were cut, changed or made to harm: each ends in a sentence or in the files that went in, never in others.
import { Uint8ArrayReader, Uint8ArrayWriter, ZipWriter } from '@zip.js/zip.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EngineError } from '../../protocol/errors.ts';
import { checkArchive, isSafePath, readZip } from './readZip.ts';

const contents = new Map([
  ['cat/1.jpg', new TextEncoder().encode('a picture of a cat, a picture of a cat, a picture of a cat')],
  ['dog/2.png', new TextEncoder().encode('a dog')],
  ['inside.zip', new TextEncoder().encode('PK\x03\x04 another archive')],
]);

async function makeZip(
  files: ReadonlyMap<string, Uint8Array>,
  options: { readonly password?: string; readonly level?: number } = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const writer = new ZipWriter(new Uint8ArrayWriter(), { useWebWorkers: false, ...options });
  for (const [path, content] of files) await writer.add(path, new Uint8ArrayReader(content));
  return new Uint8Array(await writer.close());
}

const view = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Where the table of contents has its entries: each begins with this word. */
function findTableEntries(bytes: Uint8Array): number[] {
  const places = Array.from({ length: bytes.length - 4 }, (_, at) => at);
  return places.filter((at) => view(bytes).getUint32(at, true) === 0x02014b50);
}

const entry = (filename: string, uncompressedSize = 1, compressedSize = 1, encrypted = false) => ({
  filename,
  uncompressedSize,
  compressedSize,
  encrypted,
});

describe('an archive', () => {
  it('that is cut or changed anywhere ends in a sentence or in the very files that went into it', async () => {
    const zip = await makeZip(contents);
    let opened = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.nat(zip.length - 1),
        fc.integer({ min: 1, max: 255 }),
        fc.boolean(),
        async (at, by, isCut) => {
          const changed = isCut ? zip.slice(0, at) : zip.slice();
          if (!isCut) changed[at] = (changed[at] as number) ^ by;
          try {
            for (const { path, file } of await readZip(new Blob([changed]))) {
              // A changed name is another name; whatever is under a name is what was packed.
              const text = await file.text();
              expect([...contents.values()].map((content) => new TextDecoder().decode(content))).toContain(text);
              expect(isSafePath(path)).toBe(true);
            }
            opened += 1;
          } catch (thrown) {
            expect(thrown).toBeInstanceOf(EngineError);
          }
        },
      ),
      { numRuns: 250 },
    );
    expect(opened).toBeGreaterThan(10);
  });

  it('of random bytes is refused with a sentence', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 300 }), async (bytes) => {
        const start = new Uint8Array([0x50, 0x4b, 3, 4, ...bytes]);
        await expect(readZip(new Blob([start]))).rejects.toThrow('could not be read as a zip');
      }),
      { numRuns: 100 },
    );
  });

  it('whose table of contents says less than an entry unpacks to is not unpacked further', async () => {
    const bomb = await makeZip(new Map([['a/1.jpg', new Uint8Array(50e6)]]));
    expect(bomb.length).toBeLessThan(100_000);
    const [place] = findTableEntries(bomb) as [number];
    view(bomb).setUint32(place + 24, 1000, true);
    // The entry's own header, which some programs believe instead.
    view(bomb).setUint32(22, 1000, true);
    await expect(readZip(new Blob([bomb]))).rejects.toThrow(EngineError);
  });

  it('whose entries lie over each other is refused', async () => {
    const zip = await makeZip(
      new Map([
        ['a/1.jpg', new Uint8Array(9000)],
        ['b/1.jpg', new Uint8Array(9000)],
      ]),
    );
    const [, second] = findTableEntries(zip) as [number, number];
    // The second entry's bytes are the first one's.
    view(zip).setUint32(second + 42, 0, true);
    await expect(readZip(new Blob([zip]))).rejects.toThrow(EngineError);
  });

  it('inside an archive stays a file', async () => {
    const files = await readZip(new Blob([await makeZip(contents)]));
    expect(files.map(({ path }) => path)).toEqual([...contents.keys()]);
  });

  it('with a password says so', async () => {
    const locked = await makeZip(new Map([['a/1.jpg', new Uint8Array(10)]]), { password: 'x' });
    await expect(readZip(new Blob([locked]))).rejects.toThrow('locked with a password. Nothing was opened. Unpack it');
  });
});

describe('a table of contents', () => {
  it('that promises more than any pictures unpack to is refused before anything is unpacked', () => {
    expect(() => checkArchive([entry('a/1.bmp', 300e6, 1e6)])).toThrow('unpacks to 300 times its size');
    expect(() => checkArchive([entry('a/1.bmp', 300e6, 10e6)])).not.toThrow();
    expect(() => checkArchive([entry('a/1.svg', 50e6, 1e5)])).not.toThrow();
    expect(() => checkArchive([entry('a/1.jpg', 17e9, 17e9)])).toThrow('more than 16 GB');
    expect(() => checkArchive([entry(`${'a/'.repeat(5000)}1.jpg`)])).toThrow('a path of more than 4096 characters');
  });

  it('with one path twice is refused: which of the two is meant, nobody can say', () => {
    expect(() => checkArchive([entry('cat/1.jpg'), entry('cat//1.jpg')])).toThrow('“cat/1.jpg” twice');
  });

  it('never lets a path out of the archive, however it is written', () => {
    const part = fc.constantFrom('..', '.', 'a', 'C:', '', '\0', 'cat', '...', '..a');
    const separator = fc.constantFrom('/', '\\', '//', '\\\\');
    fc.assert(
      fc.property(fc.array(fc.tuple(part, separator), { minLength: 1, maxLength: 6 }), (pieces) => {
        const filename = pieces.flat().join('');
        const parts = filename.split(/[\\/]/);
        const isOutside =
          parts.includes('..') || parts[0] === '' || /^[a-z]:/i.test(filename) || filename.includes('\0');
        expect(isSafePath(filename)).toBe(!isOutside);
        if (isOutside) expect(() => checkArchive([entry(filename)])).toThrow('points outside itself');
      }),
      { numRuns: 300 },
    );
  });
});
