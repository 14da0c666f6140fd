// What a bench answers: plain data, written as JSON. Times are measured, never estimated; what could not be measured is null or
// a sentence.

import type { BenchCase } from './benchJob.ts';

export interface BenchReport {
  /** ISO 8601. */
  readonly date: string;
  readonly userAgent: string;
  readonly processorCores: number;
  /** Null where the browser has none. */
  readonly adapter: AdapterReport | null;
  readonly seconds: number;
  readonly cases: readonly CaseReport[];
}

export interface AdapterReport {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Computed by the processor: such a time is not a GPU's. */
  readonly isSoftware: boolean;
  readonly features: readonly string[];
}

export type CaseReport =
  | ({ readonly outcome: 'measured'; readonly case: BenchCase } & CaseMeasurement)
  /** Out of memory, not possible there, out of time: the sentence says which. */
  | { readonly outcome: 'failed'; readonly case: BenchCase; readonly sentence: string };

export interface CaseMeasurement {
  readonly imagesPerSecond: number;
  /** Median over blocks of steps, each ended by waiting for the device. */
  readonly stepMs: number;
  readonly timedSteps: number;
  readonly stepsPerBlock: number;
  /** From the start of making the network to the end of its first step: planning, tuning, compiling. */
  readonly firstUseSeconds: number;
  /** JavaScript of one step until its last submit has returned; median. */
  readonly jsMsPerStep: number;
  /** Of one step, counted where the browser takes them. */
  readonly dispatches: number;
  readonly submits: number;
  /** What the executor itself says it holds: the plan's total, or tf.memory().numBytesAllocatedInGPU. */
  readonly gpuBytes: number;
  /** Most bytes of GPU buffers that were alive at once, counted where the browser makes and destroys them. */
  readonly peakBufferBytes: number;
  /** Two for each multiply-add of convolutions and linear layers, three passes where something learns; a step's work by its time. */
  readonly teraflopsPerSecond: number;
  readonly lastLoss: number | null;
  /** Longest first; null without timestamps or for stock. */
  readonly families: readonly FamilyReport[] | null;
  /** Of the mode 'flat' only. */
  readonly memoryLooks: readonly MemoryLook[] | null;
}

export interface FamilyReport {
  readonly family: string;
  readonly dispatches: number;
  readonly timeMs: number;
  readonly flops: number;
  readonly bytes: number;
}

/** Memory after so many steps. */
export interface MemoryLook {
  readonly step: number;
  readonly gpuBytes: number;
  readonly bufferBytes: number;
  readonly tfTensors: number;
  /** Null where the browser does not tell a worker. */
  readonly jsHeapBytes: number | null;
}
