// Which network a checkpoint is of, by names and shapes; and whether its numbers can be those of a trained network. A network
// is taken whole or not at all: one tensor missing, misshapen or too many is another network, which would compute nonsense.

import type { ParameterSpec } from '../../graph/graph.ts';
import type { Architecture } from '../architecture.ts';
import { type Checkpoint, type CheckpointTensor, FETCH_AGAIN, quote, refuseCheckpoint } from './checkpoint.ts';
import { compareWithNetworks, type NetworkComparison } from './compareWithNetworks.ts';
import type { Preprocessing } from './namingSchemes.ts';

export interface RecognisedTensor {
  /** Ours: name, kind and shape in the engine's layout. */
  readonly spec: ParameterSpec;
  /** In PyTorch's layout. */
  readonly tensor: CheckpointTensor;
}

export interface RecognisedNetwork {
  readonly architecture: Architecture;
  /** Whose names the file has: 'timm’s'. */
  readonly namesOf: string;
  readonly body: readonly RecognisedTensor[];
  /** The file's own end, where it is one linear layer on the pooled features. */
  readonly classifier: readonly RecognisedTensor[] | null;
  readonly classCount: number | null;
  /** What the publisher of these names feeds; a guess that the person may change. */
  readonly preprocessing: Preprocessing;
  /** Other networks here with exactly these tensors, by id, which the person may choose instead. */
  readonly alternatives: readonly string[];
  /** What was found, and what is left out. */
  readonly sentence: string;
  /** What cannot be known from a file. */
  readonly notes: readonly string[];
}

export interface RecogniseOptions {
  /** The person's choice among networks with the same tensors. */
  readonly architectureId?: string;
}

/** Keys of metadata that name an architecture: the studio's own files, PyTorch's ImageNet example, timm. */
const ARCHITECTURE_KEYS = ['architecture', 'arch', 'model_name'];
/** Taken only where the file or the person says so: its tensors are those of torchvision's ResNet-50. */
const NOT_BY_DEFAULT = ['resnet50-v1'];
/** Below it, saying what is missing of the nearest network helps nobody. */
const LIKE_ENOUGH = 0.3;
const MOST_NAMES = 3;

/** Throws EngineError 'weightsDamaged' with a sentence on what does not fit. */
export function recogniseNetwork(
  checkpoint: Checkpoint,
  architectures: readonly Architecture[],
  options: RecogniseOptions = {},
): RecognisedNetwork {
  const comparisons = compareWithNetworks(checkpoint.tensors, architectures);
  const fitting = comparisons.filter(fits);
  if (fitting.length === 0) throw refuseUnknown(checkpoint, comparisons, architectures);
  const said = ARCHITECTURE_KEYS.map((key) => checkpoint.metadata.get(key)).find((value) => value !== undefined);
  refuseLookAlikes(fitting, said);
  const chosen = choose(fitting, options.architectureId, said);
  const body = collect(checkpoint, chosen.matched);
  const classifier = chosen.classifier && collect(checkpoint, chosen.classifier);
  for (const tensor of [...body, ...(classifier ?? [])]) checkNumbers(tensor);
  const classCount = classifier?.find(({ spec }) => spec.kind === 'bias')?.spec.shape[0] ?? null;
  const alternatives = fitting.filter((other) => other !== chosen).map(({ architecture }) => architecture.id);
  return {
    architecture: chosen.architecture,
    namesOf: chosen.scheme.owner,
    body,
    classifier,
    classCount,
    preprocessing: chosen.scheme.preprocessing,
    alternatives,
    sentence: describe(chosen, classCount),
    notes: [...checkpoint.notes, ...warn(chosen, fitting, said)],
  };
}

function fits({ missing, otherShapes, leftOver, matched }: NetworkComparison): boolean {
  return matched.size > 0 && missing.length + otherShapes.length + leftOver.length === 0;
}

function choose(
  fitting: readonly NetworkComparison[],
  wanted: string | undefined,
  said: string | undefined,
): NetworkComparison {
  const find = (id: string | undefined) => fitting.find(({ architecture }) => architecture.id === id);
  if (wanted !== undefined) {
    const found = find(wanted);
    if (!found)
      throw refuseCheckpoint(`its tensors are not those of ${quote(wanted)}`, 'Choose another network for it.');
    return found;
  }
  const byDefault = fitting.find(({ architecture }) => !NOT_BY_DEFAULT.includes(architecture.id));
  return find(said) ?? byDefault ?? (fitting[0] as NetworkComparison);
}

function refuseLookAlikes(fitting: readonly NetworkComparison[], said: string | undefined): void {
  // timm writes 'resnetblur50.bt_in1k': architecture, then training.
  const name = said?.split('.')[0] ?? '';
  for (const { scheme, architecture } of fitting) {
    if (!Object.hasOwn(scheme.lookAlikes, name)) continue;
    throw refuseCheckpoint(
      `it says that it is ${quote(name)}, which has the tensors of ${withArticle(architecture.label)} and computes otherwise: ${scheme.lookAlikes[name]}`,
      'The studio does not have that network.',
    );
  }
}

function collect({ tensors }: Checkpoint, names: ReadonlyMap<ParameterSpec, string>): readonly RecognisedTensor[] {
  // The comparison found each of these names among the tensors.
  return [...names].map(([spec, name]) => ({ spec, tensor: tensors.get(name) as CheckpointTensor }));
}

function checkNumbers({ spec, tensor }: RecognisedTensor): void {
  if (tensor.dtype === 'I64') throw refuseCheckpoint(`${quote(spec.name)} holds whole numbers, and weights are not`);
  const { values } = tensor;
  const isVariance = spec.kind === 'runningVariance';
  for (let i = 0; i < values.length; i++) {
    const value = values[i] as number;
    // Infinities and NaN are the numbers that differ from themselves when subtracted.
    if (value - value !== 0) {
      throw refuseCheckpoint(`${quote(spec.name)} holds values that are not finite numbers`, FETCH_AGAIN);
    }
    if (isVariance && value < 0) throw refuseCheckpoint(`the variance ${quote(spec.name)} is negative`, FETCH_AGAIN);
  }
}

function describe({ architecture, scheme, matched, end }: NetworkComparison, classCount: number | null): string {
  const found = `This is ${withArticle(architecture.label)} (${scheme.owner} names): all ${matched.size} tensors of its body matched`;
  if (end.length === 0) return `${found}; it has no end of its own, and new layers are trained anyway.`;
  const layer = (end[0] as string).split('.')[0] as string;
  const kind = classCount === null ? 'its end' : `its ${classCount}-class end`;
  return `${found}; ${kind} (${layer}) is left out, because new layers are trained.`;
}

function warn(
  { architecture, scheme }: NetworkComparison,
  fitting: readonly NetworkComparison[],
  said: string | undefined,
): readonly string[] {
  const notes: string[] = [];
  const others = fitting.filter((other) => other.architecture !== architecture);
  if (others.length > 0 && said !== architecture.id) {
    const labels = others.map((other) => other.architecture.label).join(', ');
    notes.push(
      `${labels} has tensors of the same names and shapes, and nothing in the file tells them apart; it is read as ${architecture.label}. Choose otherwise if you know that it is.`,
    );
  }
  const alikes = Object.entries(scheme.lookAlikes).filter(([name]) => isSibling(name, architecture.id));
  for (const [name, difference] of alikes) {
    notes.push(
      `timm’s ${name} has the same tensors too, but ${difference}: if it is that one, it will not work well here.`,
    );
  }
  return notes;
}

/** 'resnetblur50' beside 'resnet50', 'efficientnet_lite0' beside 'efficientnet-lite0'. */
function isSibling(name: string, id: string): boolean {
  return (
    /\d+$/.exec(name)?.[0] === /\d+/.exec(id)?.[0] &&
    id.startsWith(name.startsWith('resnet') ? 'resnet' : 'efficientnet')
  );
}

function refuseUnknown(
  { tensors }: Checkpoint,
  comparisons: readonly NetworkComparison[],
  architectures: readonly Architecture[],
): Error {
  const [likest] = comparisons;
  const [sameNames] = comparisons.toSorted((a, b) => b.nameLikeness - a.nameLikeness);
  const isNear = likest !== undefined && likest.likeness >= LIKE_ENOUGH;
  const nearest = isNear ? likest : sameNames;
  if (!nearest || nearest.nameLikeness < LIKE_ENOUGH) {
    const name = likest?.leftOver[0] ?? [...tensors.keys()][0] ?? '';
    const known = architectures.map(({ label }) => label).join(', ');
    return refuseCheckpoint(
      `no network here has tensors of these names, beginning with ${quote(name)} ${formatShape(tensors.get(name)?.shape ?? [])}`,
      `The studio knows ${known}, with torchvision’s or timm’s names.`,
    );
  }
  const { missing, otherShapes, leftOver, architecture, scheme } = nearest;
  const differences = [
    missing.length > 0 && `${count(missing.length, 'tensor is', 'tensors are')} missing (${listNames(missing)})`,
    otherShapes[0] &&
      `${count(otherShapes.length, 'has another shape', 'have other shapes')} (${quote(otherShapes[0].name)} is ${formatShape(
        tensors.get(otherShapes[0].name)?.shape ?? [],
      )} instead of ${formatShape(otherShapes[0].expected)})`,
    leftOver.length > 0 && `${count(leftOver.length, 'has', 'have')} no place in it (${listNames(leftOver)})`,
  ].filter((difference) => typeof difference === 'string');
  return refuseCheckpoint(
    `it ${isNear ? 'is nearly' : 'has the names of'} ${withArticle(architecture.label)} (${scheme.owner} names), but ${differences.join(', ')}`,
    'A network is taken whole or not at all. Drop the weights of a network that the studio has.',
  );
}

function count(number: number, one: string, many: string): string {
  return `${number} ${number === 1 ? one : many}`;
}

function listNames(names: readonly string[]): string {
  return `${names.slice(0, MOST_NAMES).map(quote).join(', ')}${names.length > MOST_NAMES ? ', …' : ''}`;
}

function formatShape(shape: readonly number[]): string {
  return `[${shape.join(', ')}]`;
}

function withArticle(label: string): string {
  return `${/^[aeiou]/i.test(label) ? 'an' : 'a'} ${label}`;
}
