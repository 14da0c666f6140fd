// What the session says and does about networks to begin with: the catalogue, the comparison, the speed of this machine, and weights that a
// person brings or has fetched.

import type { Catalog } from '../protocol/catalog.ts';
import type { CancelSignal, CommandParams } from '../protocol/commands.ts';
import { EngineError } from '../protocol/errors.ts';
import type { CountProgress } from '../protocol/events.ts';
import type { AddedWeights, MachineSpeed, NetworkOffer, WeightsCorrection } from '../protocol/networks.ts';
import type { Executor } from './executors/executor.ts';
import { ARCHITECTURES } from './models/catalog.ts';
import { checkpointToWeights } from './models/checkpoints/checkpointToWeights.ts';
import { MOST_CHECKPOINT_BYTES, readCheckpoint } from './models/checkpoints/readCheckpoint.ts';
import { type RecognisedNetwork, recogniseNetwork } from './models/checkpoints/recogniseNetwork.ts';
import { correctCard, correctionsOf } from './models/weights/corrections.ts';
import { findPublished, PUBLISHED_FILE } from './models/weights/published.ts';
import { createWeightsShelf, type WeightsShelf } from './models/weights/weightsShelf.ts';
import { isSavedModel } from './persistence/modelFile.ts';
import { describeBackbone, type Platform, type WeightsCard } from './platform/ports.ts';
import { compareNetworks } from './recipe/compareNetworks.ts';
import { offerNetworks } from './recipe/offerNetworks.ts';
import { probeSpeed } from './recipe/probeSpeed.ts';
import { RECIPES } from './recipe/steps.ts';
import type { StudioState } from './recipe/studioState.ts';

/** Where no pictures are open: the head is small beside any body, whatever its classes. */
const ASSUMED_CLASSES = 10;

export class NetworkDesk {
  readonly shelf: WeightsShelf;
  private readonly platform: Platform;
  /** Of the backend that is in use. */
  private speed: MachineSpeed | null = null;
  private isFetching = false;

  constructor(platform: Platform) {
    this.platform = platform;
    this.shelf = createWeightsShelf(platform.weights, platform.store);
  }

  async describeCatalog(): Promise<Catalog> {
    const cards = await this.shelf.listCards();
    return { backbones: cards.map(describeBackbone), recipes: offerNetworks(RECIPES, cards) };
  }

  /** Throws RangeError for a size that no network takes. */
  async compare(
    asked: { readonly imageSizePx: number; readonly batchSize: number },
    executor: Executor,
    { dataset }: StudioState,
  ): Promise<readonly NetworkOffer[]> {
    const ownCards = await this.shelf.listOwnCards();
    const cards = [...(await this.platform.weights.listCards()), ...ownCards];
    const own = new Map(ownCards.map((card) => [card.id, correctionsOf(card)]));
    const classCount = dataset?.summary.classes.length ?? ASSUMED_CLASSES;
    return compareNetworks(cards, own, { ...asked, classCount, executor, speed: this.speed });
  }

  async probe(executor: Executor, signal: CancelSignal): Promise<{ readonly speed: MachineSpeed | null }> {
    this.speed = (await probeSpeed(executor, this.platform.clock, signal)) ?? this.speed;
    return { speed: this.speed };
  }

  /** Another backend is as fast as it is. */
  forgetSpeed(): void {
    this.speed = null;
  }

  /** Throws as `readCheckpoint`, `recogniseNetwork` and `BlobStore.write`; nothing is kept then. */
  async add(file: Blob, fileName: string): Promise<AddedWeights> {
    const checkpoint = await readCheckpoint(file);
    if (isSavedModel(checkpoint.metadata)) return { kind: 'savedModel' };
    const network = recogniseNetwork(checkpoint, ARCHITECTURES);
    const { card, bytes } = await checkpointToWeights(network, { fileName });
    return await this.keep(card, bytes, [network.sentence, ...network.notes]);
  }

  /**
   * The public weights of an architecture, from a hub or a mirror of it; then as a file that was brought, but what was published of it goes on
   * its card. Throws as `WeightsHub.fetchFile` and as `add`; nothing is kept then.
   */
  async fetch(
    { architecture, hubUrl }: CommandParams<'fetchWeights'>,
    signal: CancelSignal,
    tellProgress: (bytes: CountProgress) => void,
  ): Promise<AddedWeights> {
    const published = findPublished(architecture);
    if (!published?.repository) {
      throw new EngineError(
        'settingInvalid',
        'No public weights of this network are known here. Nothing was fetched. Drop a checkpoint of it.',
      );
    }
    if (this.isFetching) {
      throw new EngineError(
        'busy',
        'Weights are being fetched already. Stop that or wait for its end, then try again.',
      );
    }
    this.isFetching = true;
    try {
      const { repository, top1, licence } = published;
      const request = { hubUrl, repository, fileName: PUBLISHED_FILE, mostBytes: MOST_CHECKPOINT_BYTES };
      const { host, commit, bytes: file } = await this.platform.hub.fetchFile(request, signal, byPercent(tellProgress));
      const network = await recogniseAs(architecture, file, `${repository} on ${host}`);
      const name = repository.split('/').at(-1);
      const { card, bytes } = await checkpointToWeights(network, { fileName: `${name}.safetensors` });
      if (signal.aborted) throw new EngineError('cancelled', 'Fetching was stopped. Nothing was kept.');
      const label = `${network.architecture.label} (${repository})`;
      const source = { hub: host, repository, commit, fileName: PUBLISHED_FILE };
      // What its names leave open is known here: the repository says which network it is.
      return await this.keep({ ...card, label, publishedTop1: top1, licence, source }, bytes, [network.sentence]);
    } finally {
      this.isFetching = false;
    }
  }

  private async keep(
    card: WeightsCard,
    bytes: Uint8Array<ArrayBuffer>,
    sentences: readonly string[],
  ): Promise<AddedWeights> {
    await this.shelf.add(card, bytes);
    const lasts = this.platform.store.isLasting ? [] : ['This browser keeps it only until the page is closed.'];
    return {
      kind: 'weights',
      weightsId: card.id,
      sentence: [...sentences, ...lasts].join(' '),
      catalog: await this.describeCatalog(),
    };
  }

  /** Throws EngineError 'settingInvalid' for weights that are not the person's own, or what their tensors do not allow. */
  async correct(weightsId: string, correction: WeightsCorrection): Promise<{ readonly catalog: Catalog }> {
    if (!(await this.shelf.isOwn(weightsId))) {
      throw new EngineError(
        'settingInvalid',
        'What these weights are is known: they come with the studio. Nothing was changed.',
      );
    }
    await this.shelf.changeCard(correctCard(await this.shelf.readCard(weightsId), correction));
    return { catalog: await this.describeCatalog() };
  }

  /** Throws EngineError 'settingInvalid' for weights that are in use, or not the person's own. */
  async remove(weightsId: string, { network }: StudioState): Promise<{ readonly catalog: Catalog }> {
    if (!(await this.shelf.isOwn(weightsId))) {
      throw new EngineError('settingInvalid', 'These weights come with the studio and stay. Nothing was taken away.');
    }
    if (network?.weights.id === weightsId) {
      throw new EngineError(
        'settingInvalid',
        `“${network.weights.label}” is the network that the steps train now, so it was not taken away. Choose another network first.`,
      );
    }
    await this.shelf.remove(weightsId);
    return { catalog: await this.describeCatalog() };
  }
}

/** Throws EngineError 'weightsDamaged' where a file is of another network than the one it was fetched for. */
async function recogniseAs(
  architecture: string,
  file: Uint8Array<ArrayBuffer>,
  where: string,
): Promise<RecognisedNetwork> {
  const checkpoint = await readCheckpoint(file);
  const network = recogniseNetwork(checkpoint, ARCHITECTURES);
  if (network.architecture.id === architecture) return network;
  // Several networks may have the same tensors.
  if (network.alternatives.includes(architecture)) {
    return recogniseNetwork(checkpoint, ARCHITECTURES, { architectureId: architecture });
  }
  const wanted = ARCHITECTURES.find(({ id }) => id === architecture)?.label ?? architecture;
  throw new EngineError(
    'weightsDamaged',
    `${where} holds weights of ${network.architecture.label}, and not of ${wanted}. Nothing was kept. Check the address, or drop a checkpoint of ${wanted}.`,
  );
}

/** Once for every percent: a fast connection brings thousands of pieces. */
function byPercent(tellProgress: (bytes: CountProgress) => void): (done: number, total: number) => void {
  let told = -1;
  return (done, total) => {
    const percent = Math.floor((100 * done) / total);
    if (percent === told) return;
    told = percent;
    tellProgress({ done, total });
  };
}
