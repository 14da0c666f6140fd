// Answers one request of the bench's page: describes the adapter or measures one case. tfjs and tf.layers are loaded only for
// stock's cases.

import { describeAdapter, requestBenchAdapter } from './benchAdapter.ts';
import type { BenchCase } from './benchJob.ts';
import type { BenchMessage, BenchRequest } from './benchMessages.ts';
import type { CaseMeasurement } from './benchReport.ts';
import { installDeviceMeter } from './deviceMeter.ts';

const nowMs = () => performance.now();
const send = (message: BenchMessage) => self.postMessage(message);

let takeJsHeap: (bytes: number | null) => void = () => {};

self.onmessage = async ({ data }: MessageEvent<BenchRequest>) => {
  try {
    if (data.kind === 'jsHeap') takeJsHeap(data.bytes);
    else if (data.kind === 'measure') send({ kind: 'measured', measurement: await measure(data.benchCase) });
    else send({ kind: 'adapter', adapter: describeAdapter(await requestBenchAdapter()) });
  } catch (thrown) {
    send({ kind: 'failed', sentence: thrown instanceof Error ? thrown.message : String(thrown) });
  }
};

function readJsHeapBytes(): Promise<number | null> {
  return new Promise((resolve) => {
    takeJsHeap = resolve;
    send({ kind: 'askJsHeap' });
  });
}

async function measure(benchCase: BenchCase): Promise<CaseMeasurement> {
  const tools = {
    nowMs,
    readJsHeapBytes,
    meter: installDeviceMeter(nowMs),
    tell: (line: string) => send({ kind: 'progress', line }),
  };
  if (benchCase.executor === 'stock') {
    const { measureStock } = await import('./stockCase.ts');
    return await measureStock(benchCase, tools);
  }
  const { measureWindowbox } = await import('./windowboxCase.ts');
  return await measureWindowbox(benchCase, tools);
}
