// Picks what the studio computes with: hardware WebGPU, hardware WebGL, wasm, cpu, in this order. A software adapter is
// never chosen by itself: wasm is a hundred times faster. Each rung says in a sentence why it was taken or passed over.
// WebGPU is opened by whoever calls, with the studio's own executor; the other rungs are tfjs backends.

import type { BackendDescription, BackendName, LadderRung } from '../../../protocol/catalog.ts';
import { EngineError } from '../../../protocol/errors.ts';
import * as tf from '../../tf.ts';
import { isSoftwareAdapter, isSoftwareName } from '../softwareAdapter.ts';
import { leaveWasm } from './wasmMemory.ts';

/** Opens the adapter for computing. Null when it is ready, else a sentence that says why it is not used. */
export type OpenAdapter = (adapter: GPUAdapter, isSoftware: boolean) => Promise<string | null>;

interface Rung {
  /** Set where WebGPU has an adapter. */
  readonly gpuAdapter?: GPUAdapter;
  readonly isUsable: boolean;
  readonly isHardwareGpu: boolean;
  readonly adapter: string;
  readonly sentence: string;
}

const LADDER: readonly BackendName[] = ['webgpu', 'webgl', 'wasm', 'cpu'];

/** Since the worker began. */
let isWasmOpen = false;

/** tfjs's threaded build has a pool of this many workers. */
const MAX_WASM_THREADS = 8;

/**
 * Takes the backend that was asked for, or the best of the ladder. Throws EngineError 'backendUnavailable'.
 * @param order.below only what stands below it, whatever was asked for
 */
export async function startBackend(
  { backend: asked, below }: { readonly backend: BackendName | 'auto'; readonly below?: BackendName },
  openAdapter: OpenAdapter,
): Promise<BackendDescription> {
  const requested = below === undefined ? asked : 'auto';
  const rungs: LadderRung[] = LADDER.slice(0, below === undefined ? 0 : LADDER.indexOf(below) + 1).map((backend) => ({
    ...{ backend, isChosen: false, hasFailed: backend === below },
    sentence: backend === below ? 'It failed while a step ran on it.' : 'It was passed over before.',
  }));
  for (const backend of requested === 'auto' ? LADDER.slice(rungs.length) : [requested]) {
    const rung = await INSPECT[backend](requested !== 'auto');
    const refusal = rung.isUsable ? await start(backend, rung, openAdapter) : rung.sentence;
    const isStarted = refusal === null;
    const hasFailed = rung.isUsable && !isStarted;
    rungs.push({ backend, isChosen: isStarted, sentence: refusal ?? rung.sentence, ...(hasFailed && { hasFailed }) });
    if (isStarted) {
      const adapter = backend === 'wasm' ? describeWasmThreads(await countWasmThreads()) : rung.adapter;
      return { backend, adapter, isHardwareGpu: rung.isHardwareGpu, ladder: rungs };
    }
  }
  throw new EngineError(
    'backendUnavailable',
    `This browser cannot compute with ${requested === 'auto' ? 'anything the studio knows' : requested}: ${rungs.at(-1)?.sentence} Open the page without “?backend=” or in another browser.`,
  );
}

const INSPECT: Readonly<Record<BackendName, (isAskedFor: boolean) => Promise<Rung>>> = {
  webgpu: inspectWebGpu,
  webgl: inspectWebGl,
  wasm: async () => ({
    isUsable: typeof WebAssembly === 'object',
    isHardwareGpu: false,
    adapter: 'WebAssembly',
    sentence: 'WebAssembly computes on the processor; it works everywhere.',
  }),
  cpu: async () => ({
    isUsable: true,
    isHardwareGpu: false,
    adapter: 'JavaScript',
    sentence: 'Plain JavaScript: the last resort, very slow.',
  }),
};

async function inspectWebGpu(isAskedFor: boolean): Promise<Rung> {
  const missing = (sentence: string): Rung => ({ isUsable: false, isHardwareGpu: false, adapter: 'WebGPU', sentence });
  if (!navigator.gpu) return missing('This browser has no WebGPU.');
  const found = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
  if (!found) return missing('WebGPU is there but offers no adapter.');
  const { vendor, architecture, description } = found.info;
  const adapter = description || [vendor, architecture].filter(Boolean).join(' ') || 'unnamed adapter';
  const isSoftware = isSoftwareAdapter(found.info);
  if (isSoftware && !isAskedFor) {
    return missing(`The WebGPU adapter (${adapter}) is a software one, slower than WebAssembly.`);
  }
  const sentence = isSoftware
    ? `${adapter} through WebGPU, in software because it was asked for.`
    : `${adapter} through WebGPU.`;
  return { gpuAdapter: found, isUsable: true, isHardwareGpu: !isSoftware, adapter, sentence };
}

async function inspectWebGl(isAskedFor: boolean): Promise<Rung> {
  const missing = (sentence: string): Rung => ({ isUsable: false, isHardwareGpu: false, adapter: 'WebGL', sentence });
  const context = new OffscreenCanvas(1, 1).getContext('webgl2');
  if (!context) return missing('This browser has no WebGL 2 in workers.');
  const debugInfo = context.getExtension('WEBGL_debug_renderer_info');
  const adapter = String(context.getParameter(debugInfo?.UNMASKED_RENDERER_WEBGL ?? context.RENDERER));
  context.getExtension('WEBGL_lose_context')?.loseContext();
  const isSoftware = isSoftwareName(adapter);
  if (isSoftware && !isAskedFor)
    return missing(`The WebGL renderer (${adapter}) is a software one, slower than WebAssembly.`);
  return { isUsable: true, isHardwareGpu: !isSoftware, adapter, sentence: `${adapter} through WebGL.` };
}

/** Null when it computes now, else why it does not. */
async function start(backend: BackendName, rung: Rung, openAdapter: OpenAdapter): Promise<string | null> {
  if (backend === 'webgpu') {
    return rung.gpuAdapter ? await openAdapter(rung.gpuAdapter, !rung.isHardwareGpu) : rung.sentence;
  }
  await REGISTER[backend]();
  const isSet = await tf.setBackend(backend).catch(() => false);
  return isSet ? null : `${rung.adapter} is there but did not start.`;
}

/** Loaded only when its rung is reached, so that nobody downloads a backend that is not used. */
const REGISTER: Readonly<Record<Exclude<BackendName, 'webgpu'>, () => Promise<void>>> = {
  webgl: async () => void (await import('@tensorflow/tfjs-backend-webgl')),
  cpu: async () => void (await import('@tensorflow/tfjs-backend-cpu')),
  wasm: registerWasm,
};

/** Opened once more, it begins with empty memory. */
async function registerWasm(): Promise<void> {
  if (isWasmOpen) leaveWasm();
  isWasmOpen = true;
  const [wasm, plain, simd, threaded] = await Promise.all([
    import('@tensorflow/tfjs-backend-wasm'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url'),
    import('@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url'),
  ]);
  wasm.setWasmPaths({
    'tfjs-backend-wasm.wasm': plain.default,
    'tfjs-backend-wasm-simd.wasm': simd.default,
    'tfjs-backend-wasm-threaded-simd.wasm': threaded.default,
  });
  // tfjs itself takes no more than half of the logical cores, which also leaves the page and the decoder theirs.
  const threadCount = Math.max(1, Math.min(MAX_WASM_THREADS, Math.floor(navigator.hardwareConcurrency / 2)));
  // The threaded build starts all its workers even for one thread; the plain one is as fast then.
  if (threadCount === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
  wasm.setThreadsCount(threadCount);
}

async function countWasmThreads(): Promise<number> {
  const { getThreadsCount } = await import('@tensorflow/tfjs-backend-wasm');
  return (await tf.env().getAsync('WASM_HAS_MULTITHREAD_SUPPORT')) ? getThreadsCount() : 1;
}

function describeWasmThreads(threadCount: number): string {
  return `WebAssembly, ${threadCount} ${threadCount === 1 ? 'thread' : 'threads'}`;
}
