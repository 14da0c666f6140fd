// What the session says and does about the browser's storage: what lies there, how large it is, and what can be freed. Everything is freed
// by whoever keeps it.

import { EngineError } from '../protocol/errors.ts';
import { runThingId, type StorageReport, type StoredThing } from '../protocol/storage.ts';
import { formatSize } from './formatSize.ts';
import type { NetworkDesk } from './networkDesk.ts';
import type { BlobStore, Platform, StoredSize } from './platform/ports.ts';
import type { StudioState } from './recipe/studioState.ts';
import type { StoredWork, WorkKeeper } from './workKeeper.ts';

/** What is going on while storage is looked at. */
export interface StudioNow {
  readonly state: StudioState;
  /** A command runs that may be reading what is stored. */
  readonly isBusy: boolean;
}

/** Something that is stored, and how it goes. */
interface Entry extends StoredThing {
  readonly free: () => Promise<unknown>;
}

const WORK = 'work';
const RUNS = 'runs';
const WEIGHTS = 'weights';
const PIXELS = 'pixels';
/** An id of its own: what is whole by the time that it is freed stays. */
const REMAINS = 'remains of';
/** Ends the name of what is said of a set of pictures. */
const FACTS = '.json';
const WEIGHTS_FILE = '.safetensors';

export class StorageDesk {
  private readonly platform: Pick<Platform, 'store' | 'meter'>;
  private readonly work: WorkKeeper;
  private readonly networks: NetworkDesk;

  constructor(platform: Pick<Platform, 'store' | 'meter'>, work: WorkKeeper, networks: NetworkDesk) {
    this.platform = platform;
    this.work = work;
    this.networks = networks;
  }

  /** Throws EngineError 'storageFailed'. */
  async measure(now: StudioNow): Promise<StorageReport> {
    const [entries, total] = await Promise.all([this.list(now), this.platform.meter.readTotal()]);
    return { things: entries.map(({ free: _, ...thing }) => thing), total };
  }

  /**
   * Deletes one thing and nothing else. Throws EngineError 'settingInvalid' with the reason for what is in use, 'preconditionMissing' for
   * what is not there any more.
   */
  async free(id: string, now: StudioNow): Promise<void> {
    const entry = (await this.list(now)).find((one) => one.id === id);
    if (!entry) {
      throw new EngineError('preconditionMissing', 'That is not kept in this browser any more. Nothing was freed.');
    }
    if (entry.whyNotFree !== null) {
      throw new EngineError('settingInvalid', `${entry.label} was not freed. ${entry.whyNotFree}`);
    }
    await entry.free();
    this.work.tryAgain();
  }

  private async list(now: StudioNow): Promise<readonly Entry[]> {
    const stored = await this.work.describeStored();
    const own = await Promise.all([
      this.listWork(stored),
      this.listRuns(stored),
      this.listWeights(now),
      this.listPixels(),
    ]);
    const why = this.work.isKeptElsewhere ? KEPT_ELSEWHERE : null;
    const entries = own.flat().map((entry) => ({ ...entry, whyNotFree: why ?? entry.whyNotFree }));
    return [...entries, ...(await this.listSite())];
  }

  private async listWork({ holder, openRun, featureBytes, cycleBytes }: StoredWork): Promise<readonly Entry[]> {
    const size = await this.platform.store.measure(WORK);
    if (size.fileCount === 0) return [];
    const parts = [
      ...(featureBytes > 0 ? [`features ${formatSize(featureBytes)}`] : []),
      ...(cycleBytes > 0 ? [`weights of cycles ${formatSize(cycleBytes)}`] : []),
    ];
    const label = holder ? `Work of run ${holder.runNumber} on “${holder.datasetName}”` : 'Work of an earlier visit';
    return [
      {
        ...describe(WORK, 'work', label, size),
        note: `What is trained, to go on with${parts.length > 0 ? ` (${parts.join(', ')})` : ''}.`,
        whyNotFree:
          openRun === null
            ? null
            : `Run ${openRun} is open, and this is the work that it keeps. Open other pictures first.`,
        free: () => this.work.removeWork(),
      },
    ];
  }

  private async listRuns({ holder, openRun }: StoredWork): Promise<readonly Entry[]> {
    const { store } = this.platform;
    const runs = await this.work.listRuns();
    const known = runs.map(async ({ number, name, datasetName, startedAt }): Promise<Entry> => {
      const size = await measureRun(store, number);
      const what = name === '' ? `Run ${number}` : `“${name}”, run ${number},`;
      return {
        ...describe(runThingId(number), 'run', `${what} on “${datasetName}”`, size),
        date: startedAt,
        note:
          holder?.runNumber === number ? 'All that was told of it. Its work goes with it.' : 'All that was told of it.',
        whyNotFree: openRun === number ? 'It is open. Open other pictures first.' : null,
        free: () => this.work.removeRun(number),
      };
    });
    // A run that goes is without a summary first; one that begins is without it last.
    const numbers = new Set([...runs.map(({ number }) => number), openRun]);
    const folders = (await store.listFolders(RUNS)).map((path) => Number(path.slice(RUNS.length + 1)));
    const remains = folders
      .filter((number) => number > 0 && !numbers.has(number))
      .map(
        async (number): Promise<Entry> => ({
          ...describe(
            `${REMAINS} ${runThingId(number)}`,
            'remains',
            `What is left of run ${number}`,
            await measureRun(store, number),
          ),
          note: 'It cannot be looked at any more.',
          free: () => this.work.removeRun(number),
        }),
      );
    return await Promise.all([...known, ...remains]);
  }

  private async listWeights({ state, isBusy }: StudioNow): Promise<readonly Entry[]> {
    const { store } = this.platform;
    const { shelf } = this.networks;
    const cards = await shelf.listOwnCards();
    const known = cards.map(async ({ id, label }): Promise<Entry> => {
      const isChosen = state.network?.weights.id === id;
      return {
        ...describe(`${WEIGHTS} ${id}`, 'weights', label, await store.measure(weightsPath(id))),
        note: 'Weights of your own, to begin with.',
        whyNotFree: isChosen ? CHOSEN_WEIGHTS : isBusy ? BUSY : null,
        free: () => this.networks.remove(id, state),
      };
    });
    const ids = new Set(cards.map(({ id }) => id));
    const files = (await store.list(WEIGHTS)).filter((path) => path.endsWith(WEIGHTS_FILE));
    const remains = files
      .map((path) => path.slice(WEIGHTS.length + 1, -WEIGHTS_FILE.length))
      .filter((id) => !ids.has(id))
      .map(async (id): Promise<Entry> => {
        const size = await store.measure(weightsPath(id));
        return {
          ...describe(`${REMAINS} ${WEIGHTS} ${id}`, 'remains', 'Weights that were not kept whole', size),
          note: 'They cannot be chosen.',
          // They may be those that are being brought just now.
          whyNotFree: isBusy ? BUSY : null,
          free: () => shelf.remove(id),
        };
      });
    return await Promise.all([...known, ...remains]);
  }

  /** Sets of decoded pictures: each a folder, with what is said of it beside. Any of them may go at any time. */
  private async listPixels(): Promise<readonly Entry[]> {
    const { store } = this.platform;
    const said = (await store.list(PIXELS)).filter((path) => path.endsWith(FACTS));
    const folders = [...(await store.listFolders(PIXELS)), ...said.map((path) => path.slice(0, -FACTS.length))];
    return await Promise.all(
      [...new Set(folders)].sort().map(async (folder): Promise<Entry> => {
        const facts = await readPixelFacts(store, `${folder}${FACTS}`);
        const size = await measureTogether(store, folder, `${folder}${FACTS}`);
        return {
          ...describe(folder, 'pixels', facts.label, size),
          ...(facts.usedAt === null ? {} : { date: facts.usedAt }),
          note: 'Opened and scaled for training. When they are needed again, that is done again.',
          async free() {
            await store.removeFolder(folder);
            // Last: what a crash on the way leaves is still listed.
            await store.remove(`${folder}${FACTS}`);
          },
        };
      }),
    );
  }

  private async listSite(): Promise<readonly Entry[]> {
    const sizeBytes = await this.platform.meter.measureSiteFiles();
    if (sizeBytes === 0) return [];
    return [
      {
        ...describe('site', 'site', 'The studio itself, for working offline', NOTHING),
        sizeBytes,
        note: 'Its page, its code and its networks.',
        whyNotFree: 'The page is made of these files: it would fetch them again at once.',
        free: async () => {},
      },
    ];
  }
}

const NOTHING: StoredSize = { sizeBytes: 0, fileCount: 0, changedMs: null };
const BUSY = 'Something is running that may be reading this. Wait for its end, or stop it.';
const CHOSEN_WEIGHTS = 'They are the network that the steps train now. Choose another network first.';
const KEPT_ELSEWHERE =
  'Windowbox is open in another tab, which may be using this. Free it there, or close that tab and reload this one.';

const weightsPath = (id: string) => `${WEIGHTS}/${id}${WEIGHTS_FILE}`;

function describe(
  id: string,
  kind: StoredThing['kind'],
  label: string,
  { sizeBytes, changedMs }: StoredSize,
): StoredThing {
  const date = changedMs === null ? null : new Date(changedMs).toISOString();
  return { id, kind, label, sizeBytes, date, note: '', whyNotFree: null };
}

/** What was told and its summary, which lies beside it. */
function measureRun(store: BlobStore, number: number): Promise<StoredSize> {
  const folder = `${RUNS}/${String(number).padStart(4, '0')}`;
  return measureTogether(store, folder, `${folder}.json`);
}

async function measureTogether(store: BlobStore, folder: string, file: string): Promise<StoredSize> {
  const [inside, beside] = await Promise.all([store.measure(folder), store.measure(file)]);
  return { ...inside, sizeBytes: inside.sizeBytes + beside.sizeBytes };
}

interface PixelFacts {
  readonly label: string;
  readonly usedAt: string | null;
}

/** As far as they are there. */
async function readPixelFacts(store: BlobStore, path: string): Promise<PixelFacts> {
  const file = await store.read(path);
  const said = file && parseObject(new TextDecoder().decode(new Uint8Array(await file.arrayBuffer())));
  const { datasetName, sizePx, kind, usedAt } = said ?? {};
  const parts = [
    typeof datasetName === 'string' ? `Pictures of “${datasetName}”` : 'Pictures of an earlier visit',
    ...(typeof sizePx === 'number' ? [`${sizePx} px`] : []),
    ...(kind === 'whole' || kind === 'squashed' ? [kind] : []),
  ];
  return { label: parts.join(', '), usedAt: typeof usedAt === 'string' && usedAt !== '' ? usedAt : null };
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : null;
  } catch {
    return null;
  }
}
