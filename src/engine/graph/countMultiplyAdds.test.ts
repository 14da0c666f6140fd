import { describe, expect, test } from 'vitest';
import { findArchitecture } from '../models/catalog.ts';
import { buildClassifier } from '../models/head.ts';
import { countMultiplyAdds } from './countMultiplyAdds.ts';
import { GraphBuilder } from './graph.ts';

test('a convolution costs one multiply-add for each tap that an output value sees', () => {
  const builder = new GraphBuilder([8, 6, 4]);
  const convolution = builder.conv2d('conv', builder.input, {
    outChannels: 10,
    kernelSize: 3,
    stride: 2,
    padding: 1,
    groups: 2,
  });
  builder.linear('fc', builder.averagePool(builder.activation(convolution, 'relu')), 5);
  expect(countMultiplyAdds(builder.build())).toBe(4 * 3 * 10 * 3 * 3 * 2 + 10 * 5);
});

describe('multiply-adds of a 224 px picture are the published ones', () => {
  test.each([
    ['resnet18', 1.81e9],
    ['resnet34', 3.66e9],
    ['resnet50', 4.09e9],
    ['resnet50-v1', 3.8e9],
    ['resnet101', 7.8e9],
    ['resnext50', 4.23e9],
    ['resnext101-64x4d', 15.46e9],
    ['resnext101-32x8d', 16.41e9],
    ['mobilenet-v2', 0.301e9],
    ['efficientnet-lite0', 0.385e9],
  ])('%s: %d within 2 %', (id, published) => {
    const counted = countMultiplyAdds(buildClassifier(findArchitecture(id), 224, 1000));
    expect(Math.abs(counted / published - 1)).toBeLessThan(0.02);
  });
});
