// What happens when the page opens, by its address: a replay, a plain start, or a whole run that reports at its end.

import { filesFromAddress } from './intake/takeFiles.ts';
import type { Actions } from './store/actions.ts';
import { eventLogStore } from './store/eventLog.ts';
import { findSizeSetter, pictureSizeOptionId } from './store/pictureSize.ts';
import { parseRecordedRun, type RecordedRun } from './store/recordedRun.ts';
import { buildFailureReport, buildRunReport, writeJson } from './store/runReport.ts';
import { setOption, setSeed, settingsStore } from './store/settings.ts';
import { showEvents } from './store/showRun.ts';
import { currentRecipe, studioStore } from './store/studio.ts';
import type { UrlParameters } from './urlParameters.ts';

/** Recorded runs that can be shown, by name; each is fetched only when asked for. */
const recordedRuns: Readonly<Record<string, () => Promise<{ default: string }>>> = {
  smallRun: () => import('../../fixtures/runs/smallRun.jsonl?raw'),
};

export async function startStudio(parameters: UrlParameters, actions: Actions): Promise<void> {
  if (parameters.seed !== null) setSeed(parameters.seed);
  studioStore.setState({ recipeId: parameters.recipe });
  if (parameters.replay !== null) return showReplay(parameters.replay);

  const isStarted = await actions.start(parameters.backend);
  if (isStarted) applyOptions(parameters.options);
  const { data } = parameters;
  if (isStarted && data === null) await goOnByItself(actions);
  // Nobody is there to say what a table means when the run starts by itself.
  const tables = parameters.isRunWanted ? 'guess' : 'ask';
  const isOpen = isStarted && data !== null && (await actions.open(() => filesFromAddress(data), data, tables));
  if (isOpen && parameters.usesAll) await learnFromAll(actions);
  if (isOpen && parameters.isRunWanted) await actions.runAllSteps();
  if (parameters.report !== null && (parameters.isRunWanted || !isStarted)) await postReport(parameters.report);
}

/** A training that was cut off goes on where that takes nobody: on features, or where the page itself can fetch the pictures. */
async function goOnByItself(actions: Actions): Promise<void> {
  const work = studioStore.getState().kept?.work;
  if (!work?.cutOff) return;
  const { address, cutOff, datasetName } = work;
  if (address === null && cutOff.needsPictures) return;
  const take = address === null ? null : async () => ({ ...(await filesFromAddress(address)), name: datasetName });
  if (await actions.restoreWork(take)) await actions.resumeStep();
}

async function learnFromAll(actions: Actions): Promise<void> {
  const { seed, validationShare } = settingsStore.getState();
  await actions.split(seed, validationShare, { fold: null, usesAll: true });
}

function applyOptions(options: Readonly<Record<string, string>>): void {
  const recipe = currentRecipe(studioStore.getState());
  const sizeSetter = recipe && findSizeSetter(recipe);
  for (const step of recipe?.steps ?? []) {
    for (const option of step.options) {
      const value = options[option.id];
      // The size is where the pictures begin; a recipe that lets them grow keeps its later ones.
      const isLaterSize = option.id === pictureSizeOptionId && step !== sizeSetter?.step;
      if (value !== undefined && !isLaterSize) setOption(step.id, option.id, value);
    }
  }
}

async function showReplay(name: string): Promise<void> {
  const load = recordedRuns[name];
  if (!load) {
    const sentence = `There is no recorded run called “${name}”. Open the page without “replay” to start afresh.`;
    studioStore.setState({
      engine: 'failed',
      problem: { code: 'intakeFailed', sentence, stepId: null, remedy: 'useAutomaticBackend' },
    });
    return;
  }
  showRecordedRun(parseRecordedRun((await load()).default));
}

/** Fills the stores from a recorded run, as if it had just been lived through. */
export function showRecordedRun(run: RecordedRun): void {
  const { catalog, backend, dataset, events } = run;
  studioStore.setState({ engine: 'replay', catalog, backend, dataset });
  showEvents(events);
}

async function postReport(path: string): Promise<void> {
  const url = new URL(path, document.baseURI);
  if (url.origin !== location.origin) return;
  const { log } = eventLogStore.getState();
  const { seed } = settingsStore.getState();
  const { backend, catalog, dataset, problem } = studioStore.getState();
  const report =
    backend && catalog && dataset
      ? buildRunReport({ backend, catalog, dataset, log, seed, ...(problem ? { error: problem.sentence } : {}) })
      : buildFailureReport({
          log,
          seed,
          error: problem?.sentence ?? 'The run did not start.',
          ...(backend ? { backend } : {}),
        });
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: writeJson(report),
  }).catch(() => null);
  if (response?.ok || problem) return;
  const sentence = `The run is finished, but its report could not be sent to “${path}”. Save the run report instead.`;
  studioStore.setState({ problem: { code: 'reportFailed', sentence, stepId: null, remedy: 'dismiss' } });
}
