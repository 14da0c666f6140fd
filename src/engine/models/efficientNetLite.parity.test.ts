import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { createReferenceExecutor } from '../executors/reference/referenceExecutor.ts';
import { sizeOf } from '../graph/graph.ts';
import { groupParameters } from '../graph/layerGroups.ts';
import type { WeightsCard } from '../platform/ports.ts';
import { useBackend } from '../testing/backends.ts';
import { readBytes, readJson } from '../testing/fixtures.ts';
import { formulaValues, largestRelativeError } from '../testing/formula.ts';
import { findArchitecture } from './catalog.ts';
import { buildClassifier, buildFeatureExtractor } from './head.ts';
import { loadWeights } from './weights/loadWeights.ts';
import { parseSafetensors } from './weights/safetensors.ts';

interface LogitsFixture {
  cases: { imageSizePx: number; salt: number; scale: number; logits: number[]; features: number[] }[];
}

useBackend('wasm');

const efficientNetLite0 = findArchitecture('efficientnet-lite0');

const { cases } = readJson<LogitsFixture>('fixtures/parity/efficientnetLite0Logits.json');
const stored = parseSafetensors(readBytes('public/weights/efficientnet-lite0.safetensors'));

test.each(cases)(
  'EfficientNet-Lite0 gives PyTorch’s 1000 logits at $imageSizePx px (input $salt)',
  async (expected) => {
    const { imageSizePx, salt, scale } = expected;
    const graph = buildClassifier(efficientNetLite0, imageSizePx, 1000);
    const network = await createReferenceExecutor().create(graph, { batchSize: 1, learning: [] });
    network.writeParameters(loadWeights(graph, stored));
    const logits = await network.infer({ count: 1, inputs: formulaValues(sizeOf(graph.inputShape), salt, scale) });
    network.dispose();
    expect(largestRelativeError(logits, expected.logits)).toBeLessThan(1e-3);
  },
);

test.each(cases)(
  'the pooled features (maximum, then mean) are PyTorch’s at $imageSizePx px (input $salt)',
  async (expected) => {
    const graph = buildFeatureExtractor(efficientNetLite0, expected.imageSizePx);
    const network = await createReferenceExecutor().create(graph, { batchSize: 1, learning: [] });
    network.writeParameters(loadWeights(graph, stored));
    const inputs = formulaValues(sizeOf(graph.inputShape), expected.salt, expected.scale);
    const features = await network.infer({ count: 1, inputs });
    network.dispose();
    expect(features.length).toBe(2 * efficientNetLite0.featureChannels);
    expect(largestRelativeError(features, expected.features)).toBeLessThan(1e-3);
  },
);

test('the weights file is the one that its card describes', () => {
  const card = readJson<WeightsCard>('public/weights/efficientnet-lite0.json');
  const bytes = readBytes('public/weights/efficientnet-lite0.safetensors');
  expect(createHash('sha256').update(bytes).digest('hex')).toBe(card.sha256);
  expect(bytes.byteLength).toBe(card.sizeBytes);
  expect(card.id).toBe(efficientNetLite0.id);
  expect(existsSync(new URL('../../../public/weights/LICENSE-efficientnet-lite0.txt', import.meta.url))).toBe(true);
  const body = buildFeatureExtractor(efficientNetLite0, 224);
  const learned = body.parameters.filter((parameter) => parameter.isLearned);
  expect(learned.reduce((sum, { shape }) => sum + sizeOf(shape), 0)).toBe(card.parameterCount.body);
});

test('every parameter of the body belongs to one of its two layer groups', () => {
  const body = buildFeatureExtractor(efficientNetLite0, 224);
  const groups = groupParameters(body, efficientNetLite0.bodyGroups);
  expect(groups.map((group) => group.length).reduce((a, b) => a + b)).toBe(body.parameters.length);
  expect(groups[0]?.at(-1)?.name).toBe('_blocks.4._bn2.running_var');
  expect(groups[1]?.[0]?.name).toBe('_blocks.5._expand_conv.weight');
});
