// The shelves that were opened last, kept from one step to the next, so that pictures are decoded once for finder, training and results.

import type { SquareRule } from '../../protocol/looks.ts';
import type { Executor, PictureStoreOptions } from '../executors/executor.ts';
import type { PictureDecoder } from '../platform/ports.ts';
import { PictureShelf, type ShelfPicture } from './pictureShelf.ts';

export interface ShelfRequest {
  readonly datasetFingerprint: string;
  /** A new shelf takes the place of the one that had its name. */
  readonly name: string;
  /** What shorter sides are scaled to, or both sides of squashed pictures. */
  readonly sizePx: number;
  readonly square: SquareRule;
  readonly statistics: PictureStoreOptions['statistics'];
  readonly executor: Executor;
  readonly decoder: PictureDecoder;
  readonly pictures: readonly ShelfPicture[];
}

interface KeptShelf {
  readonly request: ShelfRequest;
  readonly shelf: PictureShelf;
}

export class PictureLibrary {
  private readonly kept = new Map<string, KeptShelf>();

  /** The shelf of that name; the one before it is given back where it holds other pictures or lies on another device. */
  open(request: ShelfRequest): PictureShelf {
    const before = this.kept.get(request.name);
    if (before && isSame(before.request, request)) return before.shelf;
    before?.shelf.dispose();
    const { executor, statistics, decoder, pictures, sizePx, square } = request;
    const store = executor.createPictureStore({ budgetBytes: executor.shelfBudgetBytes, statistics });
    const shelf = new PictureShelf({ pictures, sizePx, square, decoder, store });
    this.kept.set(request.name, { request, shelf });
    return shelf;
  }

  /** Gives the shelf of that name back, if there is one. */
  close(name: string): void {
    this.kept.get(name)?.shelf.dispose();
    this.kept.delete(name);
  }

  clear(): void {
    for (const { shelf } of this.kept.values()) shelf.dispose();
    this.kept.clear();
  }
}

function isSame(a: ShelfRequest, b: ShelfRequest): boolean {
  return (
    a.datasetFingerprint === b.datasetFingerprint &&
    a.sizePx === b.sizePx &&
    a.square === b.square &&
    a.executor === b.executor &&
    a.statistics.mean.join() === b.statistics.mean.join() &&
    a.statistics.std.join() === b.statistics.std.join()
  );
}
