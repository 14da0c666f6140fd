// What a bench is asked: lists of networks, batches, sizes, modes and executors, multiplied out into cases. Plain data that the
// page, its workers and the scripts share; every wrong value is refused with a sentence.

/**
 * train: everything learns. frozen: the body stands still, the lesson's head learns on live pictures. features: inference of the
 * body with its concat pool. flat: like train, long, with looks at memory on the way.
 */
export const BENCH_MODES = ['train', 'frozen', 'features', 'flat'] as const;
export type BenchMode = (typeof BENCH_MODES)[number];

/** windowbox: executors/webgpu. stock: a tf.layers model on tfjs's own WebGPU backend. */
export const BENCH_EXECUTORS = ['windowbox', 'stock'] as const;
export type BenchExecutor = (typeof BENCH_EXECUTORS)[number];

export interface BenchCase {
  readonly executor: BenchExecutor;
  /** An id of models/catalog.ts, or 'head': the lesson's head alone, on features. */
  readonly network: string;
  readonly batchSize: number;
  /** Without meaning for 'head'. */
  readonly imageSizePx: number;
  readonly mode: BenchMode;
  /** Steps to time at least; fewer where they do not fit into the budget. */
  readonly steps: number;
  /** Time for the timed steps. */
  readonly budgetSeconds: number;
  /** A case that takes longer from start to end is given up. */
  readonly limitSeconds: number;
  /** auto: as the studio chooses. tuned: measured, as it does on a graphics card. fixed: by the fixed rule, nothing measured. */
  readonly tiles: 'auto' | 'tuned' | 'fixed';
}

export interface BenchJob {
  /** Cases that have not begun by then are not begun; null for no end. */
  readonly deadlineSeconds: number | null;
  readonly cases: readonly BenchCase[];
}

type Lists = Readonly<Record<string, unknown>>;

const DEFAULTS = { batch: 32, size: 224, steps: 30, budget: 60, limit: 900 };
const TILE_CHOICES = ['auto', 'tuned', 'fixed'] as const;
const KNOWN_FIELDS = ['network', 'batch', 'size', 'mode', 'executor', 'steps', 'budget', 'limit', 'tiles'];
/** What a server's own time limit leaves the page for handing in what it has. */
const SHARE_OF_TIMEOUT = 0.9;

/**
 * A job as a server hands it out: `runs` is a list of objects with the fields of the page's address, each a value or a
 * list; `timeout`, in seconds, is when the browser is closed. Throws RangeError with a sentence for anything else.
 */
export function readJob(job: unknown): BenchJob {
  if (!isRecord(job) || !Array.isArray(job.runs)) throw new RangeError('A bench job has a list called "runs".');
  const { timeout } = job;
  if (timeout !== undefined && !(typeof timeout === 'number' && timeout > 0)) {
    throw new RangeError('A job’s "timeout" is a number of seconds.');
  }
  return {
    deadlineSeconds: timeout === undefined ? null : SHARE_OF_TIMEOUT * timeout,
    cases: job.runs.flatMap((run: unknown) => {
      if (!isRecord(run)) throw new RangeError('Each of a job’s "runs" is an object.');
      const unknownField = Object.keys(run).find((field) => !KNOWN_FIELDS.includes(field));
      if (unknownField)
        throw new RangeError(`A run has no field "${unknownField}"; it has ${KNOWN_FIELDS.join(', ')}.`);
      return readRun(run);
    }),
  };
}

/** A job in the page's address: `?network=resnet18,resnet34&batch=32&mode=train`. Null when no network is named. */
export function readQuery(query: URLSearchParams): BenchJob | null {
  if (!query.get('network')) return null;
  const run = KNOWN_FIELDS.flatMap((field) => {
    const text = query.get(field);
    return text ? [[field, text.split(',')] as const] : [];
  });
  return { deadlineSeconds: null, cases: readRun(Object.fromEntries(run)) };
}

function readRun(run: Lists): BenchCase[] {
  const networks = readList(run.network);
  if (networks.length === 0) throw new RangeError('A run names at least one network.');
  const shared = {
    steps: readNumber(run.steps, 'steps', DEFAULTS.steps),
    budgetSeconds: readNumber(run.budget, 'budget', DEFAULTS.budget),
    limitSeconds: readNumber(run.limit, 'limit', DEFAULTS.limit),
    tiles: readChoice(readList(run.tiles)[0] ?? 'auto', TILE_CHOICES),
  };
  const sizes = readNumbers(run.size, 'size', DEFAULTS.size);
  const modes = orElse(readList(run.mode), 'train').map((mode) => readChoice(mode, BENCH_MODES));
  const batches = readNumbers(run.batch, 'batch', DEFAULTS.batch);
  const executors = orElse(readList(run.executor), 'windowbox').map((name) => readChoice(name, BENCH_EXECUTORS));
  return networks.flatMap((network) =>
    sizes.flatMap((imageSizePx) =>
      modes.flatMap((mode) =>
        batches.flatMap((batchSize) =>
          executors.map((executor) => ({ executor, network, batchSize, imageSizePx, mode, ...shared })),
        ),
      ),
    ),
  );
}

function isRecord(value: unknown): value is Lists {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readList(value: unknown): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]).map((item) => String(item).trim()).filter(Boolean);
}

function orElse(list: readonly string[], otherwise: string): readonly string[] {
  return list.length > 0 ? list : [otherwise];
}

function readNumbers(value: unknown, name: string, otherwise: number): number[] {
  return orElse(readList(value), String(otherwise)).map((text) => {
    const number = Number(text);
    if (Number.isInteger(number) && number >= 1) return number;
    throw new RangeError(`${name} ${text}: give a whole number from 1 up.`);
  });
}

function readNumber(value: unknown, name: string, otherwise: number): number {
  const [number, ...more] = readNumbers(value, name, otherwise);
  if (number === undefined || more.length > 0) throw new RangeError(`Give one number as ${name}.`);
  return number;
}

function readChoice<Choice extends string>(text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((choice) => choice === text);
  if (found) return found;
  throw new RangeError(`${text}: give one of ${choices.join(', ')}.`);
}
