import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { sizeOf } from '../../graph/graph.ts';
import { asTorchTensors, namesAndShapes, numbersAt } from '../../testing/checkpointTensors.ts';
import { writeTorchZip } from '../../testing/torchZip.ts';
import type { Architecture } from '../architecture.ts';
import { buildClassifier, buildFeatureExtractor } from '../head.ts';
import { mobileNetV2 } from '../mobileNetV2.ts';
import { RESNETS } from '../resnet.ts';
import { loadWeights } from '../weights/loadWeights.ts';
import { parseSafetensors } from '../weights/safetensors.ts';
import { fromTorchLayout } from '../weights/tensorLayout.ts';
import { writeTensors } from '../weights/writeSafetensors.ts';
import { checkpointToWeights } from './checkpointToWeights.ts';
import { readCheckpoint } from './readCheckpoint.ts';
import { recogniseNetwork } from './recogniseNetwork.ts';

const KNOWN = [...RESNETS, mobileNetV2];
const resnet34 = RESNETS.find(({ id }) => id === 'resnet34') as Architecture;

const load = async (bytes: Uint8Array<ArrayBuffer>) => recogniseNetwork(await readCheckpoint(new Blob([bytes])), KNOWN);

/** The numbers that asTorchTensors gives the parameter at a place of the file, in our layout. */
function expectValues(architecture: Architecture, bytes: Uint8Array<ArrayBuffer>): void {
  const { parameters } = buildFeatureExtractor(architecture, architecture.imageSizePx);
  const values = loadWeights({ parameters }, parseSafetensors(bytes));
  parameters.forEach((spec, place) => {
    const expected = fromTorchLayout(spec, numbersAt(place, sizeOf(spec.shape)));
    const found = values.get(spec.name) ?? new Float32Array();
    // The test runner takes minutes to compare millions of numbers one by one.
    expect(Buffer.compare(new Uint8Array(expected.buffer), new Uint8Array(found.slice().buffer)), spec.name).toBe(0);
  });
}

describe('a ResNet-34 in torchvision’s names', () => {
  const tensors = namesAndShapes(resnet34);

  test('as torch.save writes it becomes the studio’s weights, every number at its place', async () => {
    const network = await load(writeTorchZip(asTorchTensors(tensors)));
    expect(network).toMatchObject({ architecture: { id: 'resnet34' }, classCount: 1000 });
    const { bytes, card } = await checkpointToWeights(network, { fileName: 'My ResNet (2).pth' });
    expectValues(resnet34, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    expect(card).toEqual({
      id: `my-resnet-2-${sha256.slice(0, 8)}`,
      label: 'ResNet-34, yours (My ResNet (2).pth)',
      architecture: 'resnet34',
      sha256,
      sizeBytes: bytes.byteLength,
      // torchvision's 21,797,672 without the 513,000 of its end.
      parameterCount: { body: 21_284_672, withClassifier: 21_797_672 },
      imageSizePx: 224,
      preprocessing: { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] },
      publishedTop1: null,
      licence: 'unknown: yours',
      source: { fileName: 'My ResNet (2).pth', namesOf: 'torchvision’s and timm’s' },
    });
  });

  test('as safetensors becomes the same weights', async () => {
    const stored = [...tensors].map(([name, { shape }], place) => ({
      name,
      shape,
      values: numbersAt(place, sizeOf(shape)),
    }));
    const network = await load(writeTensors(stored, { format: 'pt' }));
    const { bytes } = await checkpointToWeights(network, { fileName: 'model.safetensors', keepClassifier: true });
    expectValues(resnet34, bytes);
    const { parameters } = buildClassifier(resnet34, 224, 1000);
    expect(loadWeights({ parameters }, parseSafetensors(bytes)).get('fc.bias')?.[5]).toBe(
      numbersAt(tensors.size - 1, 6)[5],
    );
    // What is stored is itself a checkpoint, and says which network it is.
    expect((await load(bytes)).architecture.id).toBe('resnet34');
  });
});

test('a MobileNetV2 in timm’s names gets ours, and the numbers stay with their tensors', async () => {
  const network = await load(writeTorchZip(asTorchTensors(namesAndShapes(mobileNetV2, 1))));
  expect(network.namesOf).toBe('timm’s');
  const preprocessing = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
  const { bytes, card } = await checkpointToWeights(network, { fileName: '.pth', preprocessing });
  expectValues(mobileNetV2, bytes);
  expect(card.id).toMatch(/^weights-[0-9a-f]{8}$/);
  expect(card.preprocessing).toEqual(preprocessing);
});
