// The few globals of browsers, workers and Node that the engine may use. Anything else (document, fetch, navigator) does
// not compile in here: it comes in through platform/ports.ts.

declare class Blob {
  constructor(parts?: readonly (string | Uint8Array)[]);
  readonly size: number;
  readonly type: string;
  arrayBuffer(): Promise<ArrayBuffer>;
  slice(start?: number, end?: number): Blob;
}

declare class MessageChannel {
  readonly port1: MessagePort;
  readonly port2: MessagePort;
}

declare class MessagePort {
  onmessage: ((event: { data: unknown }) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

declare class TextDecoder {
  decode(bytes: Uint8Array): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}

declare function setTimeout(callback: () => void, delayMs?: number): unknown;
declare const performance: { now(): number };
/** Browsers keep `subtle` from pages that are not served over https or from localhost. */
declare const crypto: { readonly subtle?: { digest(algorithm: string, bytes: Uint8Array): Promise<ArrayBuffer> } };
