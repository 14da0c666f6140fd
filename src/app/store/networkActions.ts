// What a person does about networks to begin with: compare them, measure this machine, bring weights or fetch them, and take them away again.

import type { Catalog } from '../../protocol/catalog.ts';
import type { CommandName, CommandParams, CommandResult } from '../../protocol/commands.ts';
import { toEngineErrorData } from '../../protocol/errors.ts';
import type { CountProgress } from '../../protocol/events.ts';
import type { NetworkOffer, WeightsCorrection } from '../../protocol/networks.ts';
import type { OptionSpec, RecipeStep } from '../../protocol/recipe.ts';
import type { Call } from '../../protocol/rpc.ts';
import { rememberHub } from './hubAddress.ts';
import { setOption, settingsStore } from './settings.ts';
import { type HubFetch, studioStore } from './studio.ts';

/** Not a sentence. */
export const SAVED_MODEL = Symbol('a model that this studio saved');

export interface NetworkActions {
  /** Side by side at a size and a batch; null without an engine, or where that cannot be said now. */
  compareNetworks(imageSizePx: number, batchSize: number): Promise<readonly NetworkOffer[] | null>;
  /** Trains two small networks for about three seconds; false when it was stopped or could not be. */
  measureSpeed(): Promise<boolean>;
  /**
   * Keeps a checkpoint and chooses it: a sentence that says what it is. `SAVED_MODEL` where it is a file that this studio saved, which is
   * opened another way. Null when it could not be used, and the problem is then shown.
   */
  addWeights(file: Blob, fileName: string): Promise<string | typeof SAVED_MODEL | null>;
  /** Says of a person's own weights what their file does not. */
  correctWeights(weightsId: string, correction: WeightsCorrection): Promise<void>;
  /**
   * Asks a hub, or a mirror at another address, for a network's public weights, keeps and chooses them. Goes on whatever runs beside it;
   * `hubFetch` of the studio tells how far it is, and why it failed. False when it was stopped or could not be.
   */
  fetchWeights(network: Pick<NetworkOffer, 'architecture' | 'label'>, hubUrl: string): Promise<boolean>;
  stopFetching(): void;
  /** Puts away why the last one failed. */
  dismissFetch(): void;
  removeWeights(weightsId: string): Promise<void>;
}

interface Channel {
  /** One at a time. */
  call<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name>>;
  /** Beside whatever runs; null without an engine. */
  ask<Name extends CommandName>(name: Name, params: CommandParams<Name>): Promise<CommandResult<Name> | null>;
  /** As `ask`, with a stop of its own. */
  begin<Name extends CommandName>(name: Name, params: CommandParams<Name>): Call<CommandResult<Name>> | null;
  showProblem(thrown: unknown): void;
}

export function createNetworkActions({ call, ask, begin, showProblem }: Channel): NetworkActions {
  let cancelFetch = () => {};
  return {
    async compareNetworks(imageSizePx, batchSize) {
      // A form that is half typed, or an engine that is going, has no answer; the form itself says what is wrong.
      return await ask('compareNetworks', { imageSizePx, batchSize }).catch(() => null);
    },
    async measureSpeed() {
      try {
        return (await call('probeSpeed', {})).speed !== null;
      } catch (thrown) {
        showProblem(thrown);
        return false;
      }
    },
    async addWeights(file, fileName) {
      try {
        const added = await call('addWeights', { file, fileName });
        if (added.kind === 'savedModel') return SAVED_MODEL;
        studioStore.setState({ catalog: added.catalog });
        chooseNetwork(added.weightsId);
        return added.sentence;
      } catch (thrown) {
        showProblem(thrown);
        return null;
      }
    },
    async correctWeights(weightsId, correction) {
      try {
        studioStore.setState({ catalog: (await call('correctWeights', { weightsId, ...correction })).catalog });
      } catch (thrown) {
        showProblem(thrown);
      }
    },
    async fetchWeights({ architecture, label }, hubUrl) {
      if (isFetching(studioStore.getState().hubFetch)) return false;
      const running = begin('fetchWeights', { architecture, hubUrl });
      if (!running) return false;
      cancelFetch = running.cancel;
      studioStore.setState({
        notice: null,
        hubFetch: { architecture, label, bytes: null, isStopping: false, problem: null },
      });
      try {
        const added = await running.result;
        // An engine that was started anew meanwhile has forgotten it.
        if (added.kind !== 'weights' || !isFetching(studioStore.getState().hubFetch)) return false;
        rememberHub(hubUrl);
        const isFree = studioStore.getState().runningStepId === null;
        const advice = isFree ? '' : ' Choose it when the step that runs has ended.';
        studioStore.setState({ catalog: added.catalog, hubFetch: null, notice: `${added.sentence}${advice}` });
        if (isFree) chooseNetwork(added.weightsId);
        return true;
      } catch (thrown) {
        const { code, sentence } = toEngineErrorData(thrown);
        const { hubFetch } = studioStore.getState();
        // Where the engine is gone, that is shown and this is not.
        if (!isFetching(hubFetch)) return false;
        // About an address in a form, and not about the studio: it stands there, where it can be mended.
        studioStore.setState({ hubFetch: code === 'cancelled' ? null : { ...hubFetch, problem: sentence } });
        return false;
      }
    },
    stopFetching() {
      const { hubFetch } = studioStore.getState();
      if (!isFetching(hubFetch)) return;
      studioStore.setState({ hubFetch: { ...hubFetch, isStopping: true } });
      cancelFetch();
    },
    dismissFetch() {
      if (!isFetching(studioStore.getState().hubFetch)) studioStore.setState({ hubFetch: null });
    },
    async removeWeights(weightsId) {
      try {
        const { catalog } = await call('removeWeights', { weightsId });
        studioStore.setState({ catalog });
        // A form that still names it would be refused; what comes with the studio is chosen again.
        goBackToDefault(weightsId);
      } catch (thrown) {
        showProblem(thrown);
      }
    },
  };
}

function isFetching(hubFetch: HubFetch | null): hubFetch is HubFetch {
  return hubFetch !== null && hubFetch.problem === null;
}

/** The engine's word on how far a fetch is. */
export function showFetched(architecture: string, bytes: CountProgress): void {
  const { hubFetch } = studioStore.getState();
  if (isFetching(hubFetch) && hubFetch.architecture === architecture) {
    studioStore.setState({ hubFetch: { ...hubFetch, bytes } });
  }
}

/** In the steps of every recipe that choose one: a person's network is theirs whichever recipe is on the rail. */
function chooseNetwork(weightsId: string): void {
  for (const { step, option } of networkChoices()) setOption(step.id, option.id, weightsId);
}

/** One that has fewer networks, perhaps. */
export function takeCatalog(catalog: Catalog): void {
  const before = studioStore.getState().catalog?.backbones ?? [];
  studioStore.setState({ catalog });
  const ids = new Set(catalog.backbones.map(({ id }) => id));
  for (const { id } of before) if (!ids.has(id)) goBackToDefault(id);
}

function goBackToDefault(weightsId: string): void {
  const { valuesByStep } = settingsStore.getState();
  for (const { step, option } of networkChoices()) {
    if (valuesByStep[step.id]?.[option.id] === weightsId) setOption(step.id, option.id, option.default);
  }
}

function networkChoices() {
  const steps = studioStore.getState().catalog?.recipes.flatMap((recipe) => recipe.steps) ?? [];
  return steps.flatMap((step) => {
    const option = findNetworkOption(step);
    return option ? [{ step, option }] : [];
  });
}

/** The option by which a step chooses a network; undefined where it chooses none. */
export function findNetworkOption({ options }: RecipeStep) {
  return options.find(
    (spec): spec is Extract<OptionSpec, { kind: 'choice' }> => spec.kind === 'choice' && spec.choosesNetwork === true,
  );
}
