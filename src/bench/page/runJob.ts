// Runs a job's cases one after the other, each in a worker of its own. A case that fails, hangs or breaks its worker becomes a
// sentence in the report, and the rest goes on.

import type { BenchCase, BenchJob } from '../benchJob.ts';
import type { BenchMessage, BenchRequest } from '../benchMessages.ts';
import type { AdapterReport, BenchReport, CaseReport } from '../benchReport.ts';
import { describeCase } from './describeCase.ts';

export interface JobView {
  /** A line of progress. */
  readonly tell: (line: string) => void;
  /** The report so far, whenever there is more of it. */
  readonly draw: (report: BenchReport) => void;
}

/** The last word of a worker. */
type Answer = Exclude<BenchMessage, { kind: 'progress' | 'askJsHeap' }>;

const ADAPTER_LIMIT_SECONDS = 30;

/** Never throws for what a case does; a page without an adapter gets a report that says so for every case. */
export async function runJob({ cases, deadlineSeconds }: BenchJob, { tell, draw }: JobView): Promise<BenchReport> {
  const startedMs = performance.now();
  const seconds = () => (performance.now() - startedMs) / 1000;
  const asked = await askWorker({ kind: 'describeAdapter' }, ADAPTER_LIMIT_SECONDS, tell);
  const adapter: AdapterReport | null = asked.kind === 'adapter' ? asked.adapter : null;
  const done: CaseReport[] = [];
  const report = (): BenchReport => ({
    date: new Date().toISOString(),
    userAgent: navigator.userAgent,
    processorCores: navigator.hardwareConcurrency,
    adapter,
    seconds: seconds(),
    cases: [...done],
  });
  draw(report());
  for (const [index, benchCase] of cases.entries()) {
    const name = `${index + 1} of ${cases.length}, ${describeCase(benchCase)}`;
    const leftSeconds = (deadlineSeconds ?? Number.POSITIVE_INFINITY) - seconds();
    tell(`${name} …`);
    const answer: Answer = adapter
      ? await runCase(benchCase, leftSeconds, (line) => tell(`${name}: ${line}`))
      : { kind: 'failed', sentence: asked.kind === 'failed' ? asked.sentence : 'There is no adapter.' };
    done.push(toCaseReport(benchCase, answer));
    tell(`${name}: ${describeOutcome(done.at(-1) as CaseReport)}`);
    draw(report());
  }
  return report();
}

async function runCase(benchCase: BenchCase, leftSeconds: number, tell: (line: string) => void): Promise<Answer> {
  if (leftSeconds <= 0) return { kind: 'failed', sentence: 'The job had no time left for it.' };
  const limitSeconds = Math.min(benchCase.limitSeconds, leftSeconds);
  return await askWorker({ kind: 'measure', benchCase }, limitSeconds, tell);
}

function toCaseReport(benchCase: BenchCase, answer: Answer): CaseReport {
  if (answer.kind === 'measured') return { outcome: 'measured', case: benchCase, ...answer.measurement };
  const sentence = answer.kind === 'failed' ? answer.sentence : 'The worker answered another question.';
  return { outcome: 'failed', case: benchCase, sentence };
}

function describeOutcome(report: CaseReport): string {
  if (report.outcome === 'failed') return report.sentence;
  return `${report.imagesPerSecond.toPrecision(4)} images/s over ${report.timedSteps} steps`;
}

/** One request, one worker; it is ended whatever comes of it. */
async function askWorker(request: BenchRequest, limitSeconds: number, tell: (line: string) => void): Promise<Answer> {
  const worker = new Worker(new URL('../bench.worker.ts', import.meta.url), { type: 'module' });
  const fail = (sentence: string): Answer => ({ kind: 'failed', sentence });
  try {
    return await new Promise((resolve) => {
      worker.onmessage = ({ data }: MessageEvent<BenchMessage>) => {
        if (data.kind === 'progress') tell(data.line);
        else if (data.kind === 'askJsHeap') void answerJsHeap(worker);
        else resolve(data);
      };
      worker.onerror = ({ message }) => resolve(fail(`The worker broke: ${message || 'it could not be loaded'}.`));
      setTimeout(() => resolve(fail(`It was given up after ${Math.round(limitSeconds)} s.`)), 1000 * limitSeconds);
      worker.postMessage(request);
    });
  } finally {
    worker.terminate();
  }
}

interface MeasuredMemory {
  readonly breakdown: readonly {
    readonly bytes: number;
    readonly attribution: readonly { readonly scope: string }[];
  }[];
}

async function answerJsHeap(worker: Worker): Promise<void> {
  const request: BenchRequest = { kind: 'jsHeap', bytes: await readWorkerHeapBytes().catch(() => null) };
  worker.postMessage(request);
}

/** Only one worker is alive at a time. Not in lib.dom.d.ts yet; there is none without cross-origin isolation. */
async function readWorkerHeapBytes(): Promise<number | null> {
  const measurable = performance as Performance & { measureUserAgentSpecificMemory?: () => Promise<MeasuredMemory> };
  const memory = await measurable.measureUserAgentSpecificMemory?.();
  const parts = memory?.breakdown.filter(({ attribution }) =>
    attribution.some(({ scope }) => scope === 'DedicatedWorkerGlobalScope'),
  );
  return parts?.reduce((sum, { bytes }) => sum + bytes, 0) ?? null;
}
