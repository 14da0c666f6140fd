// The studio as a checkpoint and back: what is open, what is trained, and the step that runs, if one does. Pictures are no part of it:
// they are the person's files, and are handed in again.

import type { DatasetSummary, SplitOptions } from '../../protocol/dataset.ts';
import type { LabelOptions } from '../../protocol/labels.ts';
import type { SettingValues } from '../../protocol/recipe.ts';
import type { Activations } from '../activations/activationCache.ts';
import type { ParameterValues } from '../graph/graph.ts';
import type { CallbackState, NumberSet } from '../learner/callback.ts';
import type { FitState } from '../learner/learner.ts';
import type { RunStart } from '../recipe/runAgain.ts';
import type { CutOffStep } from '../recipe/stepContext.ts';
import {
  type ChosenNetwork,
  makeTrainedBody,
  type Snapshot,
  type Snapshots,
  type StudioState,
  type TestPredictions,
} from '../recipe/studioState.ts';
import type { CheckpointContent } from './checkpointFile.ts';
import { type Checkpoint, type LastingPart, partOf, type StoredCheckpoint } from './checkpoints.ts';

/** How the open pictures came to be the data set that they are: with the same files and this, the same fingerprint. */
export interface DatasetOrigin {
  readonly split: SplitOptions;
  readonly labels: LabelOptions | null;
  /** Where the page found them, on its own site; null where a person gave them. */
  readonly address: string | null;
}

export interface RunningStep {
  readonly recipeId: string;
  readonly stepId: string;
  readonly settings: SettingValues;
  readonly seed: number;
  /** Where a run once more began; null for a step that goes on from the state. */
  readonly start: RunStart | null;
  readonly cutOff: CutOffStep;
}

/** Where the events of this state are, and how many of them it has seen. */
export interface LogPlace {
  readonly runNumber: number;
  readonly eventCount: number;
  /** Milliseconds on the clock of the events. */
  readonly lastAtMs: number;
}

export interface StudioRecord {
  readonly state: StudioState;
  readonly origin: DatasetOrigin;
  readonly running: RunningStep | null;
  readonly log: LogPlace;
  /** Of the last step. */
  readonly recipeId: string;
  /** What computed, as a person reads it: on another the numbers go on, and not to the last digit. */
  readonly adapter: string;
}

type Parts = Record<string, LastingPart>;
type StoredParts = StoredCheckpoint['parts'];
/** What a later training builds on. */
type Trained = Pick<StudioState, 'network' | 'activations' | 'head'>;

interface Facts {
  readonly trained: TrainedFacts;
  readonly trainedName: string | null;
  readonly finderSetups: StudioState['finderSetups'];
  readonly origin: DatasetOrigin;
  readonly log: LogPlace;
  readonly recipeId: string;
  readonly adapter: string;
  readonly running: RunningFacts | null;
}

interface TrainedFacts {
  readonly network: Omit<ChosenNetwork, 'body'> | null;
}

type RunningFacts = Omit<RunningStep, 'start' | 'cutOff'> & {
  readonly start: TrainedFacts | null;
  readonly elapsedMs: number;
  readonly fit: Omit<FitState, 'network' | 'callbacks'>;
  readonly stepCount: number;
  readonly callbackFacts: Readonly<Record<string, unknown>>;
};

const START = 'start ';
/** Below it a set is written with the checkpoint each time: a file of its own would cost more. */
const SMALL_SET_BYTES = 64_000;

export function encodeStudio({ state, running, ...rest }: StudioRecord): Checkpoint {
  const parts: Parts = {};
  const sets: Record<string, NumberSet> = {};
  const { dataset, snapshots, testPredictions, trainedName, finderSetups } = state;
  if (dataset) parts.dataset = factsPart(dataset.summary);
  if (testPredictions) parts.testPredictions = factsPart(testPredictions);
  if (snapshots) Object.assign(parts, snapshotParts(snapshots));
  const facts: Facts = {
    trained: encodeTrained(state, parts),
    ...{ trainedName, finderSetups },
    ...rest,
    running: running && encodeRunning(running, parts, sets),
  };
  return { facts, sets, parts };
}

/** The pictures' files are empty: whoever has them puts them in. */
export function decodeStudio({ facts, sets, parts }: StoredCheckpoint): StudioRecord {
  // Checked to the last bit by whoever read it; only encodeStudio writes it.
  const { trained, trainedName, finderSetups, running, ...others } = facts as Facts;
  const summary = parts.dataset?.facts as DatasetSummary | undefined;
  const dataset = summary ? { summary, files: [] } : null;
  return {
    state: {
      dataset,
      ...decodeTrained(trained, parts),
      trainedName,
      finderSetups,
      snapshots: decodeSnapshots(parts),
      testPredictions: (parts.testPredictions?.facts as TestPredictions | undefined) ?? null,
    },
    ...others,
    running: running && decodeRunning(running, sets, parts, dataset),
  };
}

function encodeTrained({ network, activations, head }: Trained, parts: Parts, prefix = ''): TrainedFacts {
  if (activations) parts[`${prefix}activations`] = activationsPart(activations);
  if (head) parts[`${prefix}head`] = partOf(head);
  if (network?.body) parts[`${prefix}body`] = partOf(network.body.values);
  if (!network) return { network: null };
  const { body: _, ...others } = network;
  return { network: others };
}

function decodeTrained({ network }: TrainedFacts, parts: StoredParts, prefix = ''): Trained {
  const body = valuesOf(parts[`${prefix}body`]);
  const activations = parts[`${prefix}activations`];
  return {
    network: network && { ...network, body: body && makeTrainedBody(body) },
    activations: activations ? decodeActivations(activations) : null,
    head: valuesOf(parts[`${prefix}head`]),
  };
}

function encodeRunning(running: RunningStep, parts: Parts, sets: Record<string, NumberSet>): RunningFacts {
  const { recipeId, stepId, settings, seed, start, cutOff } = running;
  const { network, callbacks, ...fit } = cutOff.fit;
  const { velocities, squares } = network.optimizer;
  Object.assign(sets, { parameters: network.parameters, velocities, squares });
  for (const [name, memory] of Object.entries(callbacks)) {
    for (const [set, values] of Object.entries(memory.sets)) {
      const label = `callback ${name} ${set}`;
      if (bytesOf(values) < SMALL_SET_BYTES) sets[label] = values;
      else parts[label] = partOf(values);
    }
  }
  return {
    ...{ recipeId, stepId, settings, seed, fit },
    start: start && encodeTrained(start, parts, START),
    elapsedMs: cutOff.elapsedMs,
    stepCount: network.optimizer.stepCount,
    callbackFacts: Object.fromEntries(Object.entries(callbacks).map(([name, { facts }]) => [name, facts])),
  };
}

function decodeRunning(
  { start, elapsedMs, fit, stepCount, callbackFacts, ...step }: RunningFacts,
  sets: CheckpointContent['sets'],
  parts: StoredParts,
  dataset: StudioState['dataset'],
): RunningStep {
  const callbacks = Object.entries(callbackFacts).map(([name, facts]): [string, CallbackState] => {
    const prefix = `callback ${name} `;
    const large = Object.entries(parts).map(([part, content]) => [part, content.sets.values] as const);
    const own = [...large, ...Object.entries(sets)].filter(([label]) => label.startsWith(prefix));
    return [
      name,
      {
        facts,
        sets: Object.fromEntries(own.map(([label, values]) => [label.slice(prefix.length), values as NumberSet])),
      },
    ];
  });
  const network = {
    parameters: sets.parameters as ParameterValues,
    optimizer: {
      stepCount,
      velocities: sets.velocities as ParameterValues,
      squares: sets.squares as ParameterValues,
    },
  };
  return {
    ...step,
    start: start && { dataset, ...decodeTrained(start, parts, START) },
    cutOff: { elapsedMs, fit: { ...fit, network, callbacks: Object.fromEntries(callbacks) } },
  };
}

function activationsPart(activations: Activations): LastingPart {
  return {
    owner: activations,
    content: () => {
      const { train, valid, ...facts } = activations;
      const [{ features: trainFeatures, ...trainFacts }, { features: validFeatures, ...validFacts }] = [train, valid];
      return {
        facts: { ...facts, train: trainFacts, valid: validFacts },
        sets: {
          features: new Map([
            ['train', trainFeatures],
            ['valid', validFeatures],
          ]),
        },
      };
    },
  };
}

function decodeActivations({ facts, sets }: CheckpointContent): Activations {
  const { train, valid, ...others } = facts as Activations;
  const features = (name: string) => sets.features?.get(name) as Float32Array;
  return {
    ...others,
    train: { ...train, features: features('train') },
    valid: { ...valid, features: features('valid') },
  };
}

/** Weights in parts of their own: they are the heads and bodies of other states too. */
function snapshotParts(snapshots: Snapshots): Parts {
  const parts: Parts = {
    snapshots: factsPart(snapshots, () => ({
      ...snapshots,
      list: snapshots.list.map(({ trained, ...snapshot }) => ({ ...snapshot, hasWeights: trained !== null })),
    })),
  };
  for (const { cycle, trained } of snapshots.list) {
    if (trained) parts[`cycle ${cycle} head`] = partOf(trained.head);
    if (trained?.body) parts[`cycle ${cycle} body`] = partOf(trained.body.values);
  }
  return parts;
}

function decodeSnapshots(parts: StoredParts): Snapshots | null {
  if (!parts.snapshots) return null;
  const { list, ...others } = parts.snapshots.facts as Omit<Snapshots, 'list'> & {
    readonly list: readonly (Omit<Snapshot, 'trained'> & { readonly hasWeights: boolean })[];
  };
  return {
    ...others,
    list: list.map(({ hasWeights, ...snapshot }) => {
      const body = valuesOf(parts[`cycle ${snapshot.cycle} body`]);
      const head = valuesOf(parts[`cycle ${snapshot.cycle} head`]);
      return { ...snapshot, trained: hasWeights && head ? { head, body: body && makeTrainedBody(body) } : null };
    }),
  };
}

function factsPart(owner: object, facts: () => unknown = () => owner): LastingPart {
  return { owner, content: () => ({ facts: facts(), sets: {} }) };
}

function valuesOf(part: CheckpointContent | undefined): ParameterValues | null {
  // `partOf` of parameters, which are all of 32 bits.
  return (part?.sets.values as ParameterValues | undefined) ?? null;
}

function bytesOf(values: NumberSet): number {
  return [...values.values()].reduce((sum, { byteLength }) => sum + byteLength, 0);
}
