// The engine's ports in memory, for Node tests: pictures are tiny text files, weights come from the test.

import { EngineError } from '../../../protocol/errors.ts';
import type { StorageTotal } from '../../../protocol/storage.ts';
import type {
  BlobStore,
  DecodedPicture,
  FileContent,
  PictureDecoder,
  PictureSize,
  Platform,
  StorageMeter,
  WeightsCard,
  WeightsHub,
  WeightsSource,
} from '../ports.ts';
import { scaledSize } from '../scaledSize.ts';

/** The first bytes that make a memory picture pass for a PNG; what follows is JSON. */
const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];

export interface MemoryPicture {
  readonly widthPx: number;
  readonly heightPx: number;
  /** The picture is of one colour. */
  readonly rgb: readonly [number, number, number];
}

/** A file that the memory decoder can open. */
export function makePictureFile(picture: MemoryPicture): Blob {
  return new Blob([new Uint8Array(PNG_SIGNATURE), JSON.stringify(picture), 'IEND']);
}

export function createMemoryDecoder(): PictureDecoder {
  return {
    concurrency: 2,
    measure: async (file) => {
      const { widthPx, heightPx } = await readPictureFile(file);
      return { widthPx, heightPx, glance: null };
    },
    decodeCentreSquare: async (file, sizePx) =>
      paint(await readPictureFile(file), { widthPx: sizePx, heightPx: sizePx }),
    decodeSquashed: async (file, sizePx) => paint(await readPictureFile(file), { widthPx: sizePx, heightPx: sizePx }),
    decodeWhole: async (file, sizePx) => {
      const picture = await readPictureFile(file);
      return paint(picture, scaledSize(picture, sizePx));
    },
  };
}

function paint(
  { widthPx: originalWidthPx, heightPx: originalHeightPx, rgb }: MemoryPicture,
  size: PictureSize,
): DecodedPicture {
  const pixels = new Uint8Array(size.widthPx * size.heightPx * 3).map((_, index) => rgb[index % 3] as number);
  return { originalWidthPx, originalHeightPx, ...size, rgb: pixels };
}

/** Throws EngineError 'pictureUnreadable'. */
export async function readPictureFile(file: Blob): Promise<MemoryPicture> {
  const text = new TextDecoder().decode(new Uint8Array(await file.arrayBuffer()));
  const start = text.indexOf('{');
  if (start === -1) throw new EngineError('pictureUnreadable', 'The picture is damaged.');
  // Written by makePictureFile above.
  return JSON.parse(text.slice(start, text.lastIndexOf('}') + 1)) as MemoryPicture;
}

/** Weights by id; everything else is unavailable. */
export function createMemoryWeights(
  files: ReadonlyMap<string, { readonly card: WeightsCard; readonly bytes: Uint8Array<ArrayBuffer> }>,
): WeightsSource {
  const find = (id: string) => {
    const found = files.get(id);
    if (!found) throw new EngineError('weightsUnavailable', `There are no weights for ${id}.`);
    return found;
  };
  return {
    listCards: async () => [...files.values()].map(({ card }) => card),
    readCard: async (id) => find(id).card,
    readWeights: async (id) => find(id).bytes,
  };
}

/** Files in memory; `fails` is asked before every write and may throw. */
export function createMemoryStore(
  fails: (path: string) => void = () => {},
  files: Map<string, Blob> = new Map(),
): BlobStore {
  const below = (folder: string) => [...files.keys()].filter((path) => path.startsWith(`${folder}/`)).sort();
  const namesBelow = (folder: string, path: string) => path.slice(folder.length + 1).split('/');
  return {
    isLasting: false,
    read: async (path) => files.get(path) ?? null,
    async write(path, content) {
      fails(path);
      files.set(path, new Blob(piecesOf(content)));
    },
    async remove(path) {
      files.delete(path);
    },
    list: async (folder) => below(folder).filter((path) => namesBelow(folder, path).length === 1),
    async listFolders(folder) {
      const deeper = below(folder).filter((path) => namesBelow(folder, path).length > 1);
      return [...new Set(deeper.map((path) => `${folder}/${namesBelow(folder, path)[0]}`))];
    },
    async measure(path) {
      const found = [files.get(path), ...below(path).map((one) => files.get(one))].filter((file) => file !== undefined);
      return { sizeBytes: found.reduce((sum, { size }) => sum + size, 0), fileCount: found.length, changedMs: null };
    },
    async removeFolder(folder) {
      for (const path of below(folder)) files.delete(path);
    },
  };
}

/** A browser that says what it is told to say; nothing, unless it is told. */
export function createMemoryMeter(
  total: StorageTotal | null = null,
  siteFilesBytes: number | null = null,
): StorageMeter {
  return { readTotal: async () => total, measureSiteFiles: async () => siteFilesBytes };
}

export function piecesOf(content: FileContent): Uint8Array<ArrayBuffer>[] {
  return content instanceof Uint8Array ? [content] : [...content];
}

/** Files by repository; everything else is unavailable. */
export function createMemoryHub(files: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map()): WeightsHub {
  return {
    async fetchFile({ hubUrl, repository }, _, tellProgress) {
      const bytes = files.get(repository);
      if (!bytes) throw new EngineError('weightsUnavailable', `There is no ${repository} here.`);
      tellProgress(bytes.byteLength, bytes.byteLength);
      return { host: hubUrl.replace('https://', ''), commit: '0123456789abcdef0123456789abcdef01234567', bytes };
    },
  };
}

export interface MemoryPlatformOptions {
  readonly store?: BlobStore;
  readonly hub?: WeightsHub;
  readonly meter?: StorageMeter;
}

/** A platform whose clock moves one millisecond each time it is read. */
export function createMemoryPlatform(
  weights: WeightsSource,
  { store = createMemoryStore(), hub = createMemoryHub(), meter = createMemoryMeter() }: MemoryPlatformOptions = {},
): Platform {
  let nowMs = 0;
  const soleKeeper = { claim: async () => true };
  return { decoder: createMemoryDecoder(), weights, hub, store, meter, soleKeeper, clock: { nowMs: () => nowMs++ } };
}
