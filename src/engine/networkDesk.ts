// What the session says and does about networks to begin with: the catalogue, the comparison, the speed of this machine, and a person's own
// weights.

import type { Catalog } from '../protocol/catalog.ts';
import type { CancelSignal } from '../protocol/commands.ts';
import { EngineError } from '../protocol/errors.ts';
import type {
  AddedWeights,
  MachineSpeed,
  NetworkOffer,
  WeightsCorrection,
  WeightsCorrections,
} from '../protocol/networks.ts';
import type { Executor } from './executors/executor.ts';
import { ARCHITECTURES } from './models/catalog.ts';
import { checkpointToWeights } from './models/checkpoints/checkpointToWeights.ts';
import { readCheckpoint } from './models/checkpoints/readCheckpoint.ts';
import { recogniseNetwork } from './models/checkpoints/recogniseNetwork.ts';
import { correctCard, correctionsOf } from './models/weights/corrections.ts';
import { createWeightsShelf, type WeightsShelf } from './models/weights/weightsShelf.ts';
import { isSavedModel } from './persistence/modelFile.ts';
import { describeBackbone, type Platform } from './platform/ports.ts';
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
    const cards = await this.shelf.listCards();
    const own = new Map<string, WeightsCorrections>();
    for (const card of cards) if (await this.shelf.isOwn(card.id)) own.set(card.id, correctionsOf(card));
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
    await this.shelf.add(card, bytes);
    const lasts = this.platform.store.isLasting ? [] : ['This browser keeps it only until the page is closed.'];
    const sentence = [network.sentence, ...network.notes, ...lasts].join(' ');
    return {
      kind: 'weights',
      weightsId: card.id,
      sentence: `${sentence}${lasts}`,
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
