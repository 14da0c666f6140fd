// What the content policy refuses, in the page and in its workers, and every other error that the browser complains of.

import type { BrowserContext, Worker } from '@playwright/test';

declare global {
  /** Set in each worker by this file. */
  var refusedByPolicy: string[] | undefined;
}

export interface Complaints {
  /** All so far; empty is right. */
  read(): Promise<readonly string[]>;
}

/** To be called before the first page is opened. */
export function collectComplaints(context: BrowserContext): Complaints {
  const complaints: string[] = [];
  const workers: Worker[] = [];
  // What a page is refused is an error in its console; a worker is told by an event alone.
  context.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  context.on('weberror', (error) => complaints.push(String(error.error())));
  context.on('page', (page) => {
    page.on('worker', (worker) => {
      workers.push(worker);
      // A worker that ends at once has nothing to say.
      worker.evaluate(listenForRefusals).catch(() => undefined);
    });
  });
  return {
    async read() {
      const refused = await Promise.all(
        workers.map((worker) => worker.evaluate(() => globalThis.refusedByPolicy ?? []).catch(() => [])),
      );
      return [...complaints, ...refused.flat()];
    },
  };
}

/** Runs in a worker. */
function listenForRefusals(): void {
  globalThis.refusedByPolicy = [];
  globalThis.addEventListener('securitypolicyviolation', (event) => {
    const { blockedURI, violatedDirective } = event as SecurityPolicyViolationEvent;
    globalThis.refusedByPolicy?.push(`Content Security Policy: ${violatedDirective} refused ${blockedURI}`);
  });
}
