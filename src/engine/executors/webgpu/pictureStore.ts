// Pictures as bytes on the device, as many as the budget allows. A batch's pictures are copied side by side into one buffer
// (those that are not held come from the page's memory), and one dispatch turns them into the network's input.

import { EngineError } from '../../../protocol/errors.ts';
import { meanOfPicture, type StoredPicture } from '../../augment/pictureTransform.ts';
import type { PictureBatch, PictureStore, PictureStoreOptions } from '../executor.ts';
import type { ComputeDevice } from './device.ts';
import { VIEW_WORDS } from './kernels/input.ts';

/** Pictures are held in buffers of this size, made one after the other as they fill. */
const CHUNK_BYTES = 64 * 2 ** 20;

interface HeldPicture {
  readonly chunk: GPUBuffer;
  readonly offset: number;
  readonly sizeBytes: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly mean: number;
}

function alignToWord(sizeBytes: number): number {
  return Math.ceil(sizeBytes / 4) * 4;
}

export class WebGpuPictureStore implements PictureStore {
  readonly options: PictureStoreOptions;
  private readonly compute: ComputeDevice;
  private readonly pictures = new Map<number, HeldPicture>();
  private readonly chunks: { readonly buffer: GPUBuffer; usedBytes: number }[] = [];

  constructor(compute: ComputeDevice, options: PictureStoreOptions) {
    this.compute = compute;
    this.options = options;
  }

  get heldBytes(): number {
    return this.chunks.reduce((sum, { buffer }) => sum + buffer.size, 0);
  }

  add(pictureId: number, picture: StoredPicture): boolean {
    if (this.pictures.has(pictureId)) throw new RangeError(`Picture ${pictureId} is held already.`);
    checkPicture(picture);
    const sizeBytes = alignToWord(picture.rgb.length);
    const chunk = this.chunkFor(sizeBytes);
    if (!chunk) return false;
    const offset = chunk.usedBytes;
    chunk.usedBytes += sizeBytes;
    this.compute.device.queue.writeBuffer(chunk.buffer, offset, padToWord(picture.rgb));
    const { widthPx, heightPx } = picture;
    this.pictures.set(pictureId, {
      chunk: chunk.buffer,
      offset,
      sizeBytes,
      widthPx,
      heightPx,
      mean: meanOfPicture(picture),
    });
    return true;
  }

  has(pictureId: number): boolean {
    return this.pictures.has(pictureId);
  }

  held(pictureId: number): HeldPicture | undefined {
    return this.pictures.get(pictureId);
  }

  dispose(): void {
    for (const { buffer } of this.chunks) buffer.destroy();
    this.chunks.length = 0;
    this.pictures.clear();
  }

  private chunkFor(sizeBytes: number) {
    const last = this.chunks.at(-1);
    if (last && last.usedBytes + sizeBytes <= last.buffer.size) return last;
    const size = Math.min(CHUNK_BYTES, alignToWord(this.options.budgetBytes - this.heldBytes));
    if (sizeBytes > size) return null;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.COPY_SRC;
    const chunk = { buffer: this.compute.device.createBuffer({ label: 'pictures', size, usage }), usedBytes: 0 };
    this.chunks.push(chunk);
    return chunk;
  }
}

function checkPicture({ widthPx, heightPx, rgb }: StoredPicture): void {
  if (rgb.length === 3 * widthPx * heightPx && rgb.length > 0) return;
  throw new RangeError(`A picture of ${widthPx} x ${heightPx} has ${rgb.length} bytes.`);
}

/** Buffer writes come in whole words. */
function padToWord(rgb: Uint8Array): Uint8Array<ArrayBuffer> {
  const padded = new Uint8Array(alignToWord(rgb.length));
  padded.set(rgb);
  return padded;
}

/** One of two sets of buffers that batches take in turn, so that filling one never waits for the other's dispatch. */
interface Side {
  pictures: GPUBuffer | null;
  readonly views: GPUBuffer;
}

/** Buffers that hold the pictures of a batch side by side. */
export class PictureStaging {
  private readonly device: GPUDevice;
  private readonly sides: readonly Side[];
  private turn = 0;

  constructor(device: GPUDevice, batchSize: number) {
    this.device = device;
    this.sides = [0, 1].map(() => ({
      pictures: null,
      views: device.createBuffer({
        label: 'picture views',
        size: 4 * VIEW_WORDS * batchSize,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      }),
    }));
  }

  get heldBytes(): number {
    return this.sides.reduce((sum, { pictures, views }) => sum + views.size + (pictures?.size ?? 0), 0);
  }

  /** Writes what comes from the page, and lists the copies of what is held. Throws RangeError for a picture nobody has. */
  stage(batch: PictureBatch, encoder: GPUCommandEncoder): { pictures: GPUBuffer; views: GPUBuffer } {
    if (!(batch.store instanceof WebGpuPictureStore))
      throw new RangeError('The pictures are of another executor’s store.');
    const store = batch.store;
    const placed = this.place(batch, store);
    const side = this.sides[this.turn % this.sides.length] as Side;
    this.turn += 1;
    const pictures = this.roomFor(side, placed.totalBytes);
    this.device.queue.writeBuffer(side.views, 0, placed.views);
    for (const { offset, held, picture } of placed.items) {
      if (held) encoder.copyBufferToBuffer(held.chunk, held.offset, pictures, offset, held.sizeBytes);
      else if (picture) this.device.queue.writeBuffer(pictures, offset, padToWord(picture.rgb));
    }
    return { pictures, views: side.views };
  }

  dispose(): void {
    for (const { pictures, views } of this.sides) {
      pictures?.destroy();
      views.destroy();
    }
  }

  private place({ views, count }: PictureBatch, store: WebGpuPictureStore) {
    const words = new Uint32Array(VIEW_WORDS * count);
    const numbers = new Float32Array(words.buffer);
    const items: { offset: number; held: HeldPicture | undefined; picture: StoredPicture | undefined }[] = [];
    let totalBytes = 0;
    views.forEach(({ pictureId, transform, picture }, index) => {
      const held = store.held(pictureId);
      if (!held && !picture) throw new RangeError(`Picture ${pictureId} is neither held nor handed in.`);
      if (!held && picture) checkPicture(picture);
      const size = held ?? (picture as StoredPicture);
      // Without contrast the mean plays no part, and pictures that come along are used once.
      const isMeanUsed = transform.contrast !== 1;
      const mean = held ? held.mean : isMeanUsed ? meanOfPicture(picture as StoredPicture) : 0;
      words.set([totalBytes, size.widthPx, size.heightPx], VIEW_WORDS * index);
      numbers.set([mean, ...transform.matrix, transform.brightness, transform.contrast], VIEW_WORDS * index + 3);
      items.push({ offset: totalBytes, held, picture });
      totalBytes += alignToWord(3 * size.widthPx * size.heightPx);
    });
    return { views: words, items, totalBytes };
  }

  /** Grows to the largest batch that came and then stays. */
  private roomFor(side: Side, sizeBytes: number): GPUBuffer {
    if (side.pictures && side.pictures.size >= sizeBytes) return side.pictures;
    side.pictures?.destroy();
    if (sizeBytes > this.device.limits.maxStorageBufferBindingSize) {
      throw new EngineError(
        'settingInvalid',
        'The pictures of one batch are larger together than this graphics card can take in at once. Nothing was changed. Run the step again with a smaller batch.',
      );
    }
    side.pictures = this.device.createBuffer({
      label: 'pictures of a batch',
      size: sizeBytes,
      usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
    });
    return side.pictures;
  }
}
