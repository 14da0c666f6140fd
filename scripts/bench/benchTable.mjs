// @ts-check
// Puts what was measured side by side: one row for each network, mode, batch and size, with the executors and PyTorch as columns.
// Nothing is measured or guessed here: what is missing stays a dash, what failed keeps its sentence.

/**
 * @typedef {import('../../src/bench/benchReport.ts').BenchReport} BenchReport
 * @typedef {import('../../src/bench/benchReport.ts').CaseReport} CaseReport
 * @typedef {Extract<CaseReport, { outcome: 'measured' }>} Measured
 * @typedef {{ network: string, imageSizePx: number, batchSize: number, mode: string, precision: string,
 *   imagesPerSecond: number }} PyTorchResult one of pytorch_bench.py's
 */

/**
 * @typedef {object} BenchRow
 * @property {string} network
 * @property {string} mode
 * @property {number} batchSize
 * @property {number} imageSizePx
 * @property {CaseReport} [windowbox]
 * @property {CaseReport} [stock]
 * @property {PyTorchResult} [fp32]
 * @property {PyTorchResult} [bf16]
 */

const mebibyte = 2 ** 20;

/**
 * @param {readonly CaseReport[]} cases
 * @param {readonly PyTorchResult[]} [pytorch]
 * @returns {BenchRow[]} in the order of the cases; PyTorch's results only where a case belongs to them
 */
export function collectRows(cases, pytorch = []) {
  /** @type {Map<string, BenchRow>} */
  const rows = new Map();
  for (const report of cases) {
    const { network, mode, batchSize, imageSizePx, executor } = report.case;
    const key = [network, mode, batchSize, imageSizePx].join();
    const row = rows.get(key) ?? { network, mode, batchSize, imageSizePx };
    rows.set(key, { ...row, [executor]: report });
  }
  for (const result of pytorch) {
    const key = [result.network, result.mode, result.batchSize, result.imageSizePx].join();
    const row = rows.get(key);
    if (row) rows.set(key, { ...row, [result.precision]: result });
  }
  return [...rows.values()];
}

/**
 * @param {CaseReport | undefined} report
 * @returns {Measured | null}
 */
function measuredOf(report) {
  return report?.outcome === 'measured' ? report : null;
}

/**
 * @param {BenchRow} row
 * @returns {number | null} how many times as fast as stock; null when one of them was not measured
 */
export function ratioToStock({ windowbox, stock }) {
  const [ours, theirs] = [measuredOf(windowbox), measuredOf(stock)];
  return ours && theirs && ours.imagesPerSecond / theirs.imagesPerSecond;
}

const smallestShown = 0.001;

/**
 * Three digits, never in powers of ten.
 * @param {number | null | undefined} value
 */
function formatNumber(value) {
  if (value === null || value === undefined || !Number.isFinite(value)) return '-';
  if (value === 0) return '0';
  if (value < smallestShown) return `<${smallestShown}`;
  return value.toFixed(value < 1 ? 3 : Math.max(0, 2 - Math.floor(Math.log10(value))));
}

/** @param {number | null | undefined} bytes */
function formatMebibytes(bytes) {
  return bytes === null || bytes === undefined ? '-' : formatNumber(bytes / mebibyte);
}

/**
 * Ours, then stock's.
 * @param {BenchRow} row
 * @param {(measured: Measured) => string} text
 */
function both({ windowbox, stock }, text) {
  return [windowbox, stock]
    .map((report) => {
      const measured = measuredOf(report);
      return measured ? text(measured) : '-';
    })
    .join(' / ');
}

/** @param {CaseReport | undefined} report */
function speedOf(report) {
  if (report?.outcome === 'failed') return report.sentence.startsWith('Not possible') ? 'not possible' : 'failed';
  return formatNumber(report?.imagesPerSecond);
}

/** @param {number | null} ratio */
function formatRatio(ratio) {
  return ratio === null ? '-' : `${formatNumber(ratio)}×`;
}

/** @typedef {{ title: string, text: (row: BenchRow) => string }} Column */

/** @type {readonly Column[]} */
const speedColumns = [
  { title: 'network', text: ({ network }) => network },
  { title: 'mode', text: ({ mode }) => mode },
  { title: 'batch', text: ({ batchSize }) => String(batchSize) },
  { title: 'px', text: ({ network, imageSizePx }) => (network === 'head' ? '-' : String(imageSizePx)) },
  { title: 'Windowbox, images/s', text: ({ windowbox }) => speedOf(windowbox) },
  { title: 'stock, images/s', text: ({ stock }) => speedOf(stock) },
  { title: 'of stock', text: (row) => formatRatio(ratioToStock(row)) },
];

/** @type {readonly Column[]} */
const pytorchColumns = [
  { title: 'PyTorch fp32', text: ({ fp32 }) => formatNumber(fp32?.imagesPerSecond) },
  { title: 'of fp32', text: ({ windowbox, fp32 }) => ratioToPyTorch(windowbox, fp32) },
  { title: 'PyTorch bf16', text: ({ bf16 }) => formatNumber(bf16?.imagesPerSecond) },
  { title: 'of bf16', text: ({ windowbox, bf16 }) => ratioToPyTorch(windowbox, bf16) },
];

/** @type {readonly Column[]} */
const costColumns = [
  { title: 'step, ms', text: (row) => both(row, ({ stepMs }) => formatNumber(stepMs)) },
  { title: 'steps', text: (row) => both(row, ({ timedSteps }) => String(timedSteps)) },
  { title: 'TFLOP/s', text: (row) => both(row, ({ teraflopsPerSecond }) => formatNumber(teraflopsPerSecond)) },
  { title: 'GPU, MiB', text: (row) => both(row, ({ gpuBytes }) => formatMebibytes(gpuBytes)) },
  { title: 'dispatches', text: (row) => both(row, ({ dispatches }) => String(dispatches)) },
  { title: 'JS, ms', text: (row) => both(row, ({ jsMsPerStep }) => formatNumber(jsMsPerStep)) },
  { title: 'first use, s', text: (row) => both(row, ({ firstUseSeconds }) => formatNumber(firstUseSeconds)) },
];

/**
 * @param {CaseReport | undefined} windowbox
 * @param {PyTorchResult | undefined} pytorch
 */
function ratioToPyTorch(windowbox, pytorch) {
  const ours = measuredOf(windowbox);
  return formatRatio(ours && pytorch ? ours.imagesPerSecond / pytorch.imagesPerSecond : null);
}

/**
 * @param {readonly BenchRow[]} rows
 * @returns {string[][]} titles first; PyTorch's columns only when there is something in them
 */
export function tabulate(rows) {
  const hasPyTorch = rows.some(({ fp32, bf16 }) => fp32 || bf16);
  const columns = [...speedColumns, ...(hasPyTorch ? pytorchColumns : []), ...costColumns];
  return [columns.map(({ title }) => title), ...rows.map((row) => columns.map(({ text }) => text(row)))];
}

/**
 * @param {Measured} report
 * @returns {string[][]} titles first; none without timestamps
 */
export function tabulateFamilies({ families }) {
  if (!families) return [];
  const total = families.reduce((sum, { timeMs }) => sum + timeMs, 0);
  return [
    ['family', 'dispatches', 'ms', 'share', 'TFLOP/s', 'GB/s'],
    ...families.map(({ family, dispatches, timeMs, flops, bytes }) => [
      family,
      String(dispatches),
      formatNumber(timeMs),
      `${((100 * timeMs) / total).toFixed(0)}%`,
      formatNumber(flops / timeMs / 1e9),
      formatNumber(bytes / timeMs / 1e6),
    ]),
  ];
}

/**
 * @param {CaseReport} report
 * @returns {string} without the executor
 */
export function nameCase({ case: { network, mode, batchSize, imageSizePx } }) {
  return `${network} ${mode}, batch ${batchSize}${network === 'head' ? '' : `, ${imageSizePx} px`}`;
}

/**
 * @param {readonly CaseReport[]} cases
 * @returns {string[]} one sentence for each case that failed
 */
export function listFailures(cases) {
  return cases.flatMap((report) => {
    if (report.outcome === 'measured') return [];
    return [`${nameCase(report)}, ${report.case.executor}: ${report.sentence}`];
  });
}

/** @param {readonly (readonly string[])[]} lines of cells, titles first */
export function toText(lines) {
  const widths = (lines[0] ?? []).map((_, column) => Math.max(...lines.map((cells) => cells[column]?.length ?? 0)));
  return lines
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** @param {readonly (readonly string[])[]} lines of cells, titles first */
export function toMarkdown([titles = [], ...rows]) {
  return [titles, titles.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n');
}

/** @param {BenchReport} report */
export function describeMachine({ adapter, userAgent, processorCores, date }) {
  if (!adapter) return 'no WebGPU adapter';
  const { vendor, architecture, device, description, isSoftware } = adapter;
  const name = [vendor, architecture, device, description].filter(Boolean).join(', ');
  const browser = /(?:Headless)?(?:Chrome|Firefox)\/\d+/.exec(userAgent)?.[0] ?? userAgent;
  const software = isSoftware ? ', computed by the processor: these are not a graphics card’s times' : '';
  return `${date.slice(0, 10)}, ${browser}, adapter ${name}${software}; ${processorCores} processor cores`;
}
