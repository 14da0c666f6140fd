import { expect, test } from 'vitest';
import type { BenchCase } from '../../src/bench/benchJob.ts';
import type { BenchReport, CaseReport } from '../../src/bench/benchReport.ts';
import { replaceBetweenMarks, writeMarkdown } from './benchMarkdown.mjs';
import { collectRows, describeMachine, ratioToStock, tabulate, toMarkdown, toText } from './benchTable.mjs';

function caseOf(executor: BenchCase['executor'], network: string): BenchCase {
  const sizes = { batchSize: 32, imageSizePx: 224, steps: 30, budgetSeconds: 60, limitSeconds: 900 };
  return { executor, network, mode: 'train', tiles: 'auto', ...sizes };
}

function measured(executor: BenchCase['executor'], network: string, imagesPerSecond: number): CaseReport {
  return {
    outcome: 'measured',
    case: caseOf(executor, network),
    imagesPerSecond,
    stepMs: 32_000 / imagesPerSecond,
    timedSteps: 30,
    stepsPerBlock: 6,
    firstUseSeconds: 2,
    jsMsPerStep: 0.5,
    dispatches: 228,
    submits: 1,
    gpuBytes: 3 * 2 ** 30,
    peakBufferBytes: 3 * 2 ** 30,
    teraflopsPerSecond: 12.34,
    lastLoss: 2.3,
    families: [
      { family: 'convolution', dispatches: 36, timeMs: 6, flops: 6e10, bytes: 6e8 },
      { family: 'batchNorm', dispatches: 72, timeMs: 2, flops: 1e8, bytes: 4e9 },
    ],
    memoryLooks: null,
  };
}

const sentence = 'Not possible in tf.layers: layer1.0.conv2 is a convolution in 32 groups, which tfjs does not have.';
const cases: readonly CaseReport[] = [
  measured('windowbox', 'resnet34', 1000),
  measured('stock', 'resnet34', 20),
  measured('windowbox', 'resnext50', 400),
  { outcome: 'failed', case: caseOf('stock', 'resnext50'), sentence },
];
const pytorch = [
  { network: 'resnet34', imageSizePx: 224, batchSize: 32, mode: 'train', precision: 'fp32', imagesPerSecond: 1304 },
  { network: 'resnet34', imageSizePx: 224, batchSize: 64, mode: 'train', precision: 'fp32', imagesPerSecond: 1496 },
];
const report: BenchReport = {
  date: '2026-11-25T06:00:00.000Z',
  userAgent: 'Mozilla/5.0 HeadlessChrome/156.0.0.0 Safari/537.36',
  processorCores: 16,
  adapter: { vendor: 'nvidia', architecture: 'hopper', device: '', description: '', isSoftware: false, features: [] },
  seconds: 60,
  cases,
};

test('both executors and PyTorch stand in one row, PyTorch at the same batch only', () => {
  const [first, second] = collectRows(cases, pytorch);
  expect(first?.fp32?.imagesPerSecond).toBe(1304);
  expect(first && ratioToStock(first)).toBe(50);
  expect(second && ratioToStock(second)).toBeNull();
});

test('a table says what was not possible and leaves a dash where nothing was measured', () => {
  const [titles, first, second] = tabulate(collectRows(cases, pytorch));
  const cell = (row: readonly string[] | undefined, title: string) => row?.[titles?.indexOf(title) ?? -1];
  expect(cell(first, 'of stock')).toBe('50.0×');
  expect(cell(first, 'of fp32')).toBe('0.767×');
  expect(cell(first, 'PyTorch bf16')).toBe('-');
  expect(cell(first, 'GPU, MiB')).toBe('3072 / 3072');
  expect(cell(second, 'stock, images/s')).toBe('not possible');
  expect(cell(second, 'dispatches')).toBe('228 / -');
});

test('without PyTorch there are no columns for it', () => {
  expect(tabulate(collectRows(cases))[0]?.join()).not.toContain('PyTorch');
});

test('cells line up as text and as markdown', () => {
  const lines = [
    ['a', 'bcd'],
    ['ef', 'g'],
  ];
  expect(toText(lines)).toBe('a   bcd\nef  g');
  expect(toMarkdown(lines)).toBe('| a | bcd |\n| --- | --- |\n| ef | g |');
});

test('a software adapter is never taken for a graphics card', () => {
  expect(describeMachine(report)).toBe('2026-11-25, HeadlessChrome/156, adapter nvidia, hopper; 16 processor cores');
  const software = {
    ...report,
    adapter: { ...report.adapter, vendor: 'google', isSoftware: true } as BenchReport['adapter'],
  };
  expect(describeMachine(software)).toContain('computed by the processor');
});

test('the markdown has machine, table, failures and families, and goes between its marks', () => {
  const markdown = writeMarkdown([report], null);
  expect(markdown).toContain('adapter nvidia, hopper');
  expect(markdown).toContain('| resnet34 | train | 32 | 224 | 1000 | 20.0 | 50.0× |');
  expect(markdown).toContain(`- resnext50 train, batch 32, 224 px, stock: ${sentence}`);
  expect(markdown).toContain('| convolution | 36 | 6.00 | 75% | 10.0 | 100 |');
  const page = 'before\n<!-- bench:gpu -->\nold\n<!-- /bench:gpu -->\nafter\n';
  expect(replaceBetweenMarks(page, 'gpu', 'new')).toBe(
    'before\n<!-- bench:gpu -->\n\nnew\n\n<!-- /bench:gpu -->\nafter\n',
  );
  expect(replaceBetweenMarks(page, 'cpu', 'new')).toBeNull();
});
