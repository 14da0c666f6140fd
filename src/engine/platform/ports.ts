// What the engine needs from outside. Browser and memory implement these; the engine never asks for more.

import type { BackboneDescription } from '../../protocol/catalog.ts';
import type { CancelSignal } from '../../protocol/commands.ts';
import type { StorageTotal } from '../../protocol/storage.ts';

/** A decoded picture, upright (EXIF applied), alpha flattened on white, resized. */
export interface DecodedPicture {
  /** Original size, upright. */
  readonly originalWidthPx: number;
  readonly originalHeightPx: number;
  readonly widthPx: number;
  readonly heightPx: number;
  /** [height, width, 3], red green blue, 0..255. */
  readonly rgb: Uint8Array;
}

export interface PictureSize {
  readonly widthPx: number;
  readonly heightPx: number;
}

/** The whole picture squashed to a few spots by data/areaResize.ts: enough to tell pictures that look alike. */
export const GLANCE: PictureSize = { widthPx: 9, heightPx: 8 };

export interface MeasuredPicture extends PictureSize {
  /** [8, 9, 3], red green blue, 0..255; null where the decoder has no pixels to look at. */
  readonly glance: Uint8Array | null;
}

export interface PictureDecoder {
  /** How many pictures may usefully be decoded at the same time. */
  readonly concurrency: number;
  /** Decodes the whole picture and reports its upright size and its look. Throws EngineError 'pictureUnreadable'. */
  measure(file: Blob): Promise<MeasuredPicture>;
  /**
   * Shorter side scaled to `sizePx` (data/areaResize.ts), then the centre square: the lesson's validation transform.
   * Throws EngineError 'pictureUnreadable'.
   */
  decodeCentreSquare(file: Blob, sizePx: number): Promise<DecodedPicture>;
  /**
   * The whole picture, its shorter side scaled to `sizePx` (data/areaResize.ts): what changing looks are taken of.
   * Throws EngineError 'pictureUnreadable'.
   */
  decodeWhole(file: Blob, sizePx: number): Promise<DecodedPicture>;
  /** The whole picture squashed to a square of `sizePx` (data/areaResize.ts). Throws EngineError 'pictureUnreadable'. */
  decodeSquashed(file: Blob, sizePx: number): Promise<DecodedPicture>;
}

/** What a step needs to know of the weights that its network began with. */
export interface UsedWeights {
  readonly id: string;
  readonly label: string;
  /** Id of an Architecture: several weights may be of one. */
  readonly architecture: string;
  /** Of the file. */
  readonly sha256: string;
  /** Pixels of 0..1 become (value - mean) / std, red green blue. */
  readonly preprocessing: { readonly mean: readonly number[]; readonly std: readonly number[] };
}

/** Equal for the same file taken for the same network and fed alike: then features, rates and trained layers belong to both. */
export function weightsKey({ architecture, sha256, preprocessing: { mean, std } }: UsedWeights): string {
  return `${sha256} as ${architecture}, pixels less ${mean.join()} by ${std.join()}`;
}

/** The card beside a weights file, as far as the engine uses it. */
export interface WeightsCard extends UsedWeights {
  readonly sizeBytes: number;
  readonly parameterCount: { readonly body: number; readonly withClassifier: number };
  readonly imageSizePx: number;
  /** 0..1; null where nobody has said. */
  readonly publishedTop1: number | null;
  readonly licence: string;
  /** A published package; a file of a hub's repository at one commit; or one that a person brought, and whose names it has. */
  readonly source:
    | { readonly package: string; readonly version: string }
    | { readonly hub: string; readonly repository: string; readonly commit: string; readonly fileName: string }
    | { readonly fileName: string; readonly namesOf: string };
}

export interface WeightsSource {
  /** Cards of all weights that are here, the one to begin with first. Throws EngineError 'weightsUnavailable'. */
  listCards(): Promise<readonly WeightsCard[]>;
  /** The card of a weights file. Throws EngineError 'weightsUnavailable'. */
  readCard(id: string): Promise<WeightsCard>;
  /** The safetensors bytes. Throws EngineError 'weightsUnavailable'. */
  readWeights(id: string): Promise<Uint8Array<ArrayBuffer>>;
}

/** What is asked of a hub: one public file of a repository's main branch. */
export interface HubRequest {
  /** Address of the hub or of a mirror of it, as a person typed it. */
  readonly hubUrl: string;
  /** OWNER/NAME */
  readonly repository: string;
  readonly fileName: string;
  /** A larger file is refused before it is fetched. */
  readonly mostBytes: number;
}

/** A file as it is at one commit of its repository; size and sha256 are those that the hub names for it. */
export interface HubFile {
  /** The hub's name in the address: 'huggingface.co'. */
  readonly host: string;
  readonly commit: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The only port that leaves the person's own computer and the site: nobody asks it anything unless a person pressed for it. */
export interface WeightsHub {
  /**
   * Throws EngineError: 'settingInvalid' for an address that is none, 'weightsUnavailable', 'weightsDamaged' where size or checksum are not
   * those that were named, 'cancelled'.
   */
  fetchFile(
    request: HubRequest,
    signal: CancelSignal,
    tellProgress: (doneBytes: number, totalBytes: number) => void,
  ): Promise<HubFile>;
}

export type FileContent = Uint8Array<ArrayBuffer> | readonly Uint8Array<ArrayBuffer>[];

/** Files of the studio's own that outlive the page. Paths have '/' between folders, which are made as needed. */
export interface BlobStore {
  /** False where they last only as long as the page: a private window, or a browser without such files. */
  readonly isLasting: boolean;
  /** Null where there is no such file. */
  read(path: string): Promise<Blob | null>;
  /**
   * The whole file or, when it fails, the one that was there before. Throws EngineError 'storageFull' or 'storageFailed'.
   * @param content in one piece, or in several that lie one behind the other in the file; they must not change until it is written
   */
  write(path: string, content: FileContent): Promise<void>;
  /** A file that is not there is no error. */
  remove(path: string): Promise<void>;
  /** Paths of the files in a folder, in alphabetical order; folders in it are left out. */
  list(folder: string): Promise<readonly string[]>;
  /** Paths of the folders in a folder, in alphabetical order. */
  listFolders(folder: string): Promise<readonly string[]>;
  /** Of a file, or of a folder with all that lies in it; nothing where there is neither. */
  measure(path: string): Promise<StoredSize>;
  /** With all that lies in it. A folder that is not there is no error. Throws EngineError 'storageFailed' while something of it is written. */
  removeFolder(folder: string): Promise<void>;
}

export interface StoredSize {
  readonly sizeBytes: number;
  readonly fileCount: number;
  /** Milliseconds since 1970 of the last change; null where that is not known. */
  readonly changedMs: number | null;
}

/** What the browser says of the room that the site has. It asks no person anything. */
export interface StorageMeter {
  /** Null where the browser does not say. */
  readTotal(): Promise<StorageTotal | null>;
  /** Bytes of the site's own files, kept for working offline; null where that cannot be said. */
  measureSiteFiles(): Promise<number | null>;
}

/** What only one page of the studio at a time may do: keep its work. */
export interface SoleKeeper {
  /** False where another page does. Once true it stays so until the page is gone. */
  claim(): Promise<boolean>;
}

export interface Clock {
  /** Milliseconds since some fixed moment. */
  nowMs(): number;
}

export interface Platform {
  readonly decoder: PictureDecoder;
  /** Those that come with the site. */
  readonly weights: WeightsSource;
  readonly hub: WeightsHub;
  readonly store: BlobStore;
  readonly meter: StorageMeter;
  readonly soleKeeper: SoleKeeper;
  readonly clock: Clock;
}

/** Digits of a commit as git shortens it. */
const SHORT_COMMIT = 7;

export function describeSource({ source }: WeightsCard): string {
  if ('package' in source) return `${source.package} ${source.version}`;
  if ('hub' in source) {
    return `${source.fileName} of ${source.repository} at ${source.commit.slice(0, SHORT_COMMIT)}, from ${source.hub}`;
  }
  return `${source.fileName}, with ${source.namesOf} names`;
}

/** The catalogue's line for a weights file. */
export function describeBackbone(card: WeightsCard): BackboneDescription {
  return {
    id: card.id,
    label: card.label,
    parameterCount: card.parameterCount.body,
    downloadBytes: card.sizeBytes,
    publishedTop1: card.publishedTop1,
    imageSizePx: card.imageSizePx,
    licence: card.licence,
    source: describeSource(card),
  };
}
