// Draws the report's cases as tables: one line for each case, then the time of every kernel family of the cases that have it.

import type { CaseReport, FamilyReport, MemoryLook } from '../benchReport.ts';
import { describeCase, nameExecutor } from './describeCase.ts';

type Measured = Extract<CaseReport, { outcome: 'measured' }>;

interface Column<Row> {
  readonly title: string;
  readonly text: (row: Row) => string;
}

const MEBIBYTE = 2 ** 20;

/** Three digits, never in powers of ten. */
function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  if (value < 0.001) return '<0.001';
  return value.toFixed(value < 1 ? 3 : Math.max(0, 2 - Math.floor(Math.log10(value))));
}

const formatMebibytes = (bytes: number) => (bytes / MEBIBYTE).toFixed(1);

const NAME_COLUMNS: readonly Column<CaseReport>[] = [
  { title: 'Network', text: (report) => report.case.network },
  { title: 'Mode', text: (report) => report.case.mode },
  { title: 'Executor', text: (report) => nameExecutor(report.case) },
  { title: 'Batch', text: (report) => String(report.case.batchSize) },
  { title: 'Size', text: ({ case: { network, imageSizePx } }) => (network === 'head' ? '–' : String(imageSizePx)) },
];

const MEASURED_COLUMNS: readonly Column<Measured>[] = [
  { title: 'Images/s', text: (report) => formatNumber(report.imagesPerSecond) },
  { title: 'Step, ms', text: (report) => formatNumber(report.stepMs) },
  { title: 'Steps', text: (report) => String(report.timedSteps) },
  { title: 'TFLOP/s', text: (report) => formatNumber(report.teraflopsPerSecond) },
  { title: 'GPU, MiB', text: (report) => formatMebibytes(report.gpuBytes) },
  { title: 'Buffers at most, MiB', text: (report) => formatMebibytes(report.peakBufferBytes) },
  { title: 'Dispatches', text: (report) => String(report.dispatches) },
  { title: 'Submits', text: (report) => String(report.submits) },
  { title: 'JavaScript, ms', text: (report) => formatNumber(report.jsMsPerStep) },
  { title: 'First use, s', text: (report) => formatNumber(report.firstUseSeconds) },
];

const FAMILY_COLUMNS: readonly Column<FamilyReport>[] = [
  { title: 'Family', text: ({ family }) => family },
  { title: 'Dispatches', text: ({ dispatches }) => String(dispatches) },
  { title: 'ms', text: ({ timeMs }) => formatNumber(timeMs) },
  { title: 'TFLOP/s', text: ({ flops, timeMs }) => formatNumber(flops / timeMs / 1e9) },
  { title: 'GB/s', text: ({ bytes, timeMs }) => formatNumber(bytes / timeMs / 1e6) },
];

const MEMORY_COLUMNS: readonly Column<MemoryLook>[] = [
  { title: 'After step', text: ({ step }) => String(step) },
  { title: 'Network, MiB', text: ({ gpuBytes }) => formatMebibytes(gpuBytes) },
  { title: 'All buffers, MiB', text: ({ bufferBytes }) => formatMebibytes(bufferBytes) },
  { title: 'tfjs tensors', text: ({ tfTensors }) => String(tfTensors) },
  { title: 'JS heap, MiB', text: ({ jsHeapBytes }) => (jsHeapBytes === null ? '–' : formatMebibytes(jsHeapBytes)) },
];

export function drawReport(cases: readonly CaseReport[]): HTMLElement[] {
  const details = cases.flatMap((report) => {
    if (report.outcome === 'failed') return [];
    const name = describeCase(report.case);
    return [
      ...(report.memoryLooks ? [heading(`Memory: ${name}`), drawTable(MEMORY_COLUMNS, report.memoryLooks)] : []),
      ...(report.families
        ? [heading(`Time by kernel family: ${name}`), drawTable(FAMILY_COLUMNS, report.families)]
        : []),
    ];
  });
  return cases.length > 0 ? [drawCases(cases), ...details] : [];
}

function drawCases(cases: readonly CaseReport[]): HTMLElement {
  const titles = [...NAME_COLUMNS, ...MEASURED_COLUMNS].map(({ title }) => title);
  const rows = cases.map((report) => {
    const names = NAME_COLUMNS.map((column) => cell(column.text(report), 'words'));
    if (report.outcome === 'measured')
      return [...names, ...MEASURED_COLUMNS.map((column) => cell(column.text(report)))];
    const sentence = cell(report.sentence, 'sentence');
    sentence.colSpan = MEASURED_COLUMNS.length;
    return [...names, sentence];
  });
  return buildTable(titles, rows, NAME_COLUMNS.length);
}

function drawTable<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): HTMLElement {
  const titles = columns.map(({ title }) => title);
  const cells = rows.map((row) => columns.map((column, index) => cell(column.text(row), index === 0 ? 'words' : '')));
  return buildTable(titles, cells, 1);
}

/** @param wordColumns how many columns, from the left, hold words */
function buildTable(
  titles: readonly string[],
  rows: readonly (readonly HTMLElement[])[],
  wordColumns: number,
): HTMLElement {
  const head = titles.map((title, index) => {
    const element = document.createElement('th');
    element.scope = 'col';
    element.textContent = title;
    if (index < wordColumns) element.className = 'words';
    return element;
  });
  const table = document.createElement('table');
  table.append(...[head, ...rows].map(row));
  const scroll = document.createElement('div');
  scroll.className = 'scroll';
  // A table that is wider than the screen can be scrolled with the keyboard.
  scroll.tabIndex = 0;
  scroll.append(table);
  return scroll;
}

function row(cells: readonly HTMLElement[]): HTMLElement {
  const element = document.createElement('tr');
  element.append(...cells);
  return element;
}

function cell(text: string, className = ''): HTMLTableCellElement {
  const element = document.createElement('td');
  element.textContent = text;
  element.className = className;
  return element;
}

function heading(text: string): HTMLElement {
  const element = document.createElement('h2');
  element.textContent = text;
  return element;
}
