// The bench's page: takes its job from the address or from the server that opened it, runs it, draws what is measured as it comes,
// and hands the report to whoever asked.

import './bench.css';
import { type BenchJob, readJob, readQuery } from '../benchJob.ts';
import type { BenchReport } from '../benchReport.ts';
import { drawReport } from './drawReport.ts';
import { runJob } from './runJob.ts';

const query = new URLSearchParams(location.search);
/** Opened by a server that hands out jobs (scripts/bench/README.md): the job is fetched, progress and report are posted. */
const isServed = query.has('job');

function find(id: string): HTMLElement {
  const element = document.getElementById(id);
  if (!element) throw new Error(`bench.html has no #${id}.`);
  return element;
}

/** The server prints a line when it has it; that it is lost does no harm. */
function tell(line: string): void {
  find('status').textContent = line;
  console.info(line);
  if (isServed) void fetch('/log', { method: 'POST', body: line }).catch(() => {});
}

async function takeJob(): Promise<BenchJob | null> {
  return isServed ? readJob(await (await fetch('/job')).json()) : readQuery(query);
}

function draw(report: BenchReport): void {
  find('adapter').textContent = describeAdapter(report);
  find('tables').replaceChildren(...drawReport(report.cases));
}

function describeAdapter({ adapter, userAgent }: BenchReport): string {
  if (!adapter) return 'No WebGPU adapter.';
  const { vendor, architecture, device, description, isSoftware } = adapter;
  const name = [vendor, architecture, device, description].filter(Boolean).join(', ');
  return `${name}${isSoftware ? ': computed by the processor, so no time here is a graphics card’s' : ''}. ${userAgent}`;
}

/** @param result the report, or { error } with a sentence when there is none */
async function handIn(result: BenchReport | { readonly error: string }): Promise<void> {
  const text = JSON.stringify(result, null, 1);
  const place = find('result');
  place.textContent = text;
  place.dataset.testid = 'bench-result';
  find('report').hidden = false;
  if (isServed) await fetch('/done', { method: 'POST', body: text });
}

async function start(): Promise<void> {
  try {
    const job = await takeJob();
    if (!job) return;
    document.querySelector('form')?.remove();
    await handIn(await runJob(job, { tell, draw }));
    tell('Done.');
  } catch (thrown) {
    const error = thrown instanceof Error ? thrown.message : String(thrown);
    tell(error);
    await handIn({ error });
  }
}

void start();
