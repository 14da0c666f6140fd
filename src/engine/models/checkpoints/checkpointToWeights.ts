// A recognised checkpoint -> a weights file as the studio ships them: safetensors in our names, and a card that says what it
// is. From here on nothing asks any more where it came from.

import { sizeOf } from '../../graph/graph.ts';
import type { WeightsCard } from '../../platform/ports.ts';
import { sha256Of } from '../../sha256.ts';
import { torchShape } from '../weights/tensorLayout.ts';
import { writeTensors } from '../weights/writeSafetensors.ts';
import type { Preprocessing } from './namingSchemes.ts';
import type { RecognisedNetwork, RecognisedTensor } from './recogniseNetwork.ts';

/** What a shipped card says, as far as it can be known of a file that somebody brought. */
export interface ImportedWeightsCard extends WeightsCard {
  /** Nobody published it with the file. */
  readonly publishedTop1: null;
  readonly source: { readonly fileName: string; readonly namesOf: string };
}

export interface ImportedWeights {
  readonly card: ImportedWeightsCard;
  /** Safetensors: 32-bit floats in PyTorch's layout, in our names. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface ImportOptions {
  /** Of the file that was dropped: names the weights, and is never believed for more. */
  readonly fileName: string;
  /** Default: what the publisher of these names feeds. */
  readonly preprocessing?: Preprocessing;
  /** Whether the file's own end is kept beside the body; without one there is nothing to keep. */
  readonly keepClassifier?: boolean;
}

const LICENCE = 'unknown: yours';
const LONGEST_ID = 40;
/** Hexadecimal digits of the hash in an id: two files of one name stay apart, and from those that are shipped. */
const ID_HASH_DIGITS = 8;

/** Throws EngineError 'weightsDamaged' where the file's numbers turn out damaged, 'backendUnavailable' without hashes. */
export async function checkpointToWeights(
  network: RecognisedNetwork,
  { fileName, preprocessing = network.preprocessing, keepClassifier = false }: ImportOptions,
): Promise<ImportedWeights> {
  const { architecture, body, classifier } = network;
  const parameters = [...body, ...(keepClassifier ? (classifier ?? []) : [])];
  const metadata = { format: 'pt', architecture: architecture.id };
  const bytes = writeTensors(parameters.map(toWritten), metadata);
  const sha256 = await sha256Of(bytes);
  const bodyCount = countValues(body);
  return {
    bytes,
    card: {
      id: `${toSlug(fileName)}-${sha256.slice(0, ID_HASH_DIGITS)}`,
      label: `${architecture.label}, yours (${fileName})`,
      architecture: architecture.id,
      sha256,
      sizeBytes: bytes.byteLength,
      parameterCount: { body: bodyCount, withClassifier: bodyCount + countValues(classifier ?? []) },
      imageSizePx: architecture.imageSizePx,
      preprocessing,
      publishedTop1: null,
      licence: LICENCE,
      source: { fileName, namesOf: network.namesOf },
    },
  };
}

function toWritten({ spec, tensor }: RecognisedTensor) {
  return {
    name: spec.name,
    shape: torchShape(spec),
    get values() {
      return tensor.values;
    },
  };
}

/** As shipped cards count: what is learned, without running statistics. */
function countValues(tensors: readonly RecognisedTensor[]): number {
  return tensors.reduce((sum, { spec }) => sum + (spec.isLearned ? sizeOf(spec.shape) : 0), 0);
}

/** 'My ResNet (2).pth' -> 'my-resnet-2' */
function toSlug(fileName: string): string {
  const words = fileName.replace(/\.\w+$/, '').toLowerCase();
  const slug = words.replace(/[^a-z0-9]+/g, '-').slice(0, LONGEST_ID);
  return slug.replace(/^-+|-+$/g, '') || 'weights';
}
