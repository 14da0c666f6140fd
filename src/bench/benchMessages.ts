// What the bench's page and its workers say to each other. A worker does one piece of work and is then ended: a device's memory
// and tfjs's pool are given back for certain only with their worker.

import type { BenchCase } from './benchJob.ts';
import type { AdapterReport, CaseMeasurement } from './benchReport.ts';

export type BenchRequest =
  | { readonly kind: 'describeAdapter' }
  | { readonly kind: 'measure'; readonly benchCase: BenchCase }
  /** Answer to 'askJsHeap'; null where the browser does not tell. */
  | { readonly kind: 'jsHeap'; readonly bytes: number | null };

export type BenchMessage =
  | { readonly kind: 'adapter'; readonly adapter: AdapterReport }
  | { readonly kind: 'progress'; readonly line: string }
  /** Browsers tell a worker's heap to its page only. */
  | { readonly kind: 'askJsHeap' }
  | { readonly kind: 'measured'; readonly measurement: CaseMeasurement }
  | { readonly kind: 'failed'; readonly sentence: string };
