// A network of five small convolutions, so that a hundred rounds take minutes. Whoever uses it puts it in MobileNetV2's place before anything
// of the engine is loaded:
//   vi.mock('./models/mobileNetV2.ts', () => import('./testing/chaos/tinyNetwork.ts'));

import { GraphBuilder, type NodeIndex, sizeOf } from '../../graph/graph.ts';
import type { Architecture } from '../../models/architecture.ts';
import { writeSafetensors } from '../../models/weights/writeSafetensors.ts';
import { createMemoryWeights } from '../../platform/memory/memoryPlatform.ts';
import type { WeightsCard, WeightsSource } from '../../platform/ports.ts';
import { createRandom } from '../../random.ts';

const CHANNELS = [8, 8, 16, 16, 32];
const FEATURE_CHANNELS = 32;
const BATCH_NORM = { epsilon: 1e-3, momentum: 0.1 };

function buildBody(builder: GraphBuilder, images: NodeIndex): NodeIndex {
  return CHANNELS.reduce((input, outChannels, index) => {
    const node = builder.conv2d(`features.${index}.0`, input, { outChannels, kernelSize: 3, stride: 2, padding: 1 });
    return builder.activation(builder.batchNorm(`features.${index}.1`, node, BATCH_NORM), 'relu6');
  }, images);
}

/** Under MobileNetV2's name, which is what the mocked module exports. */
export const mobileNetV2: Architecture = {
  id: 'tiny',
  label: 'Tiny',
  imageSizePx: 32,
  featureChannels: FEATURE_CHANNELS,
  bodyGroups: [['features.0.', 'features.1.'], ['features.']],
  body: buildBody,
  classifier: (builder, featureMap, classCount) =>
    builder.linear('classifier.1', builder.averagePool(featureMap), classCount),
};

export const TINY = mobileNetV2;

const card: WeightsCard = {
  id: TINY.id,
  label: TINY.label,
  architecture: TINY.id,
  sha256: '0'.repeat(64),
  preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] },
  sizeBytes: 0,
  parameterCount: { body: 0, withClassifier: 0 },
  imageSizePx: TINY.imageSizePx,
  publishedTop1: null,
  licence: 'none',
  source: { package: 'none', version: '0' },
};

/** Drawn from a seed; they have learnt nothing. */
export function tinyWeights(): WeightsSource {
  const builder = new GraphBuilder([TINY.imageSizePx, TINY.imageSizePx, 3]);
  buildBody(builder, builder.input);
  const { parameters } = builder.build();
  const random = createRandom(1, 'weights');
  const values = new Map(
    parameters.map(({ name, kind, shape }) => {
      const isAboutOne = kind === 'runningVariance' || kind === 'scale';
      return [name, Float32Array.from({ length: sizeOf(shape) }, () => (isAboutOne ? 1 : 0.2 * random.normal()))];
    }),
  );
  return createMemoryWeights(new Map([[TINY.id, { card, bytes: writeSafetensors(parameters, values, {}) }]]));
}
