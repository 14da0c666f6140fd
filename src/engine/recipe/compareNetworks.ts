// The networks that can be chosen, side by side, those first that suit this machine: weights that are here, then architectures that weights
// could be brought for.

import type { MachineSpeed, NetworkOffer, WeightsCorrections } from '../../protocol/networks.ts';
import type { Executor } from '../executors/executor.ts';
import { countMultiplyAdds } from '../graph/countMultiplyAdds.ts';
import { type Graph, sizeOf } from '../graph/graph.ts';
import type { Architecture } from '../models/architecture.ts';
import { ARCHITECTURES } from '../models/catalog.ts';
import { buildFullNetwork } from '../models/fullNetwork.ts';
import { buildFeatureExtractor } from '../models/head.ts';
import { findPublished, PUBLISHED_FILE, type PublishedWeights } from '../models/weights/published.ts';
import { describeSource, type WeightsCard } from '../platform/ports.ts';
import { PASSES } from './probeSpeed.ts';
import { learnedNames } from './trainee.ts';

export interface ComparisonOptions {
  readonly imageSizePx: number;
  readonly batchSize: number;
  readonly classCount: number;
  readonly executor: Executor;
  /** Null before the probe has run. */
  readonly speed: MachineSpeed | null;
}

/** Slower than this, an epoch of a thousand pictures is no coffee break any more. */
const COMFORTABLE_IMAGES_PER_SECOND = 10;

/** @param cards of the weights that are here; @param own by id, what may be corrected of a person's own */
export function compareNetworks(
  cards: readonly WeightsCard[],
  own: ReadonlyMap<string, WeightsCorrections>,
  options: ComparisonOptions,
): readonly NetworkOffer[] {
  const costs = new Map(ARCHITECTURES.map((architecture) => [architecture.id, costOf(architecture, options)]));
  const here = cards.flatMap((card) => {
    const cost = costs.get(card.architecture);
    return cost ? [{ ...offerWeights(card, cost), own: own.get(card.id) ?? null }] : [];
  });
  const isHere = new Set(cards.map(({ architecture }) => architecture));
  const absent = ARCHITECTURES.filter(({ id }) => !isHere.has(id)).map((architecture) =>
    offerArchitecture(architecture, costs.get(architecture.id) as Cost),
  );
  return [...rank(here), ...rank(absent)];
}

type Cost = Pick<NetworkOffer, 'parameterCount' | 'multiplyAdds' | 'memory' | 'imagesPerSecond'>;

function costOf(architecture: Architecture, options: ComparisonOptions): Cost {
  const { imageSizePx, batchSize, classCount, executor, speed } = options;
  const body = buildFeatureExtractor(architecture, imageSizePx);
  const whole = buildFullNetwork(architecture, imageSizePx, classCount);
  const { totalBytes, isCounted, obstacle } = executor.estimateMemory(whole, {
    batchSize,
    learning: learnedNames(whole),
  });
  const multiplyAdds = countMultiplyAdds(body);
  const work = speed && (isDepthwise(body) ? speed.depthwise : speed.dense);
  return {
    parameterCount: body.parameters
      .filter(({ isLearned }) => isLearned)
      .reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    multiplyAdds,
    memory: { bytes: totalBytes, isCounted, fits: obstacle === null },
    imagesPerSecond: work && {
      features: work.inference / multiplyAdds,
      training: work.training / (PASSES * countMultiplyAdds(whole)),
    },
  };
}

/** Whether its convolutions over neighbours see one channel each: it then moves more numbers for every sum. */
function isDepthwise({ nodes }: Graph): boolean {
  return nodes.some((node) => node.op === 'conv2d' && node.groups > 1 && node.groups === node.outChannels);
}

function offerWeights(card: WeightsCard, cost: Cost): Omit<NetworkOffer, 'own'> {
  return {
    ...cost,
    weightsId: card.id,
    architecture: card.architecture,
    label: card.label,
    obstacle: null,
    sizeBytes: card.sizeBytes,
    publishedTop1: card.publishedTop1,
    licence: card.licence,
    source: describeSource(card),
    publicFile: null,
  };
}

function offerArchitecture({ id, label }: Architecture, cost: Cost): NetworkOffer {
  const published = findPublished(id);
  return {
    ...cost,
    weightsId: null,
    architecture: id,
    label,
    obstacle: `Its weights are not here. ${howToGet(published)}.`,
    sizeBytes: null,
    publishedTop1: published?.top1 ?? null,
    licence: published?.licence ?? '',
    source: published?.repository ?? '',
    own: null,
    publicFile: published?.repository ? { repository: published.repository, fileName: PUBLISHED_FILE } : null,
  };
}

function howToGet(published: PublishedWeights | null): string {
  const ways = [
    'Drop a checkpoint of it',
    ...(published?.repository ? ['fetch it from the hub'] : []),
    ...(published?.command ? [`run “npm run weights -- ${published.command}” where the studio is served`] : []),
  ];
  return ways.length === 1 ? (ways[0] as string) : `${ways.slice(0, -1).join(', ')} or ${ways.at(-1)}`;
}

/** What fits and is not too slow by how good it is; then what fits, the quicker first; then what does not fit. */
function rank(offers: readonly NetworkOffer[]): NetworkOffer[] {
  const suits = ({ memory, imagesPerSecond }: NetworkOffer) =>
    memory.fits && (imagesPerSecond === null || imagesPerSecond.training >= COMFORTABLE_IMAGES_PER_SECOND);
  const place = (offer: NetworkOffer) => (suits(offer) ? 0 : offer.memory.fits ? 1 : 2);
  return [...offers].sort((a, b) => {
    if (place(a) !== place(b)) return place(a) - place(b);
    if (suits(a)) return (b.publishedTop1 ?? 0) - (a.publishedTop1 ?? 0);
    return a.multiplyAdds - b.multiplyAdds;
  });
}
