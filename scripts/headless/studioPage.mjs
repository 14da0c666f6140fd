// @ts-check
// Drives the studio as a person does: by its rail, its forms and its buttons. Used by `npm run recipe` and by the browser
// tests. The rule it keeps: nothing here calls into the page's own code.

/**
 * @typedef {'done' | 'running' | 'ready' | 'blocked' | 'failed' | 'stopped'} RailState
 * @typedef {{ epoch: string, trainLoss: string, validLoss: string, score: string }} LossRow as the table shows it: a dash where
 *   nothing validates, and as its score the accuracy, or the F2 of tags
 */

/** The page said that something went wrong; the message is the page's own sentence. */
export class StudioFailure extends Error {}

const endStates = ['done', 'stopped', 'failed'];
const placesBesideSteps = ['data', 'results'];

export class StudioPage {
  /** @param {import('@playwright/test').Page} page */
  constructor(page) {
    this.page = page;
    this.folderInput = page.getByTestId('folder-input');
    this.rail = page.getByRole('navigation', { name: 'Recipe' });
    this.recipePicker = page.getByTestId('recipe-picker');
    this.stage = page.getByRole('main');
    this.settings = this.stage.getByTestId('settings');
    this.runButton = this.stage.getByTestId('run-step');
    this.stopButton = this.stage.getByTestId('stop-step');
    this.lossTable = page.getByTestId('loss-table').first();
    this.confusionMatrix = page.getByTestId('confusion-matrix').first();
    this.openLabelsButton = page.getByTestId('open-labels');
    this.badge = page.getByTestId('backend-badge');
    this.error = page.getByTestId('error').first();
    this.reportButton = page.getByTestId('download-report').first();
  }

  /** @param {string} stepId */
  railItem(stepId) {
    return this.rail.locator(`[data-step-id="${stepId}"]`);
  }

  /**
   * @param {string} stepId
   * @returns {Promise<RailState>}
   */
  async stateOf(stepId) {
    // The contract of the page names these states and no others.
    return /** @type {RailState} */ (await this.railItem(stepId).getAttribute('data-state'));
  }

  /**
   * Waits for one of the states, however long it takes unless a limit is given. A failed step counts as an answer.
   * @param {string} stepId
   * @param {readonly RailState[]} states
   * @param {number} [timeLimitMs]
   */
  async waitForState(stepId, states, timeLimitMs = 0) {
    const either = states.map((state) => `[data-step-id="${stepId}"][data-state="${state}"]`).join(', ');
    await this.rail.locator(either).waitFor({ state: 'attached', timeout: timeLimitMs });
  }

  /**
   * Puts another recipe on the rail, which is there once a data set is open.
   * @param {string} recipeId
   */
  async chooseRecipe(recipeId) {
    await this.#choose(this.recipePicker, recipeId);
  }

  /** @returns {Promise<readonly string[]>} the recipe's steps in rail order, without the data and the results */
  async readStepIds() {
    const ids = await this.rail
      .locator('[data-step-id]')
      .evaluateAll((items) => items.map((item) => item.getAttribute('data-step-id') ?? ''));
    return ids.filter((id) => !placesBesideSteps.includes(id));
  }

  /**
   * Whether a step has nothing to work on: test pictures, or pictures that validate.
   * @param {string} stepId
   */
  async lacksPictures(stepId) {
    return (await this.railItem(stepId).getAttribute('data-lacks-pictures')) === 'true';
  }

  /**
   * Puts a step on the stage.
   * @param {string} stepId
   */
  async select(stepId) {
    const item = this.railItem(stepId);
    await item.click();
    await this.rail.locator(`[data-step-id="${stepId}"][aria-current="step"]`).waitFor();
    // The stage follows the rail a moment later; until then its form is another step's.
    const title = await item.locator('.railTitle').evaluate((element) => element.lastChild?.textContent ?? '');
    const heading = placesBesideSteps.includes(stepId)
      ? this.stage.locator('.stageNumber', { hasText: title })
      : this.stage.getByRole('heading', { level: 1, name: title, exact: true });
    await heading.waitFor();
  }

  /**
   * Hands a folder to the page's own folder input and waits until it is read. A table of labels is taken as the page
   * guesses it.
   * @param {string} folder
   * @param {string | null} [tablePath] of the table with the labels, inside the folder
   * @throws {StudioFailure} when no table of this path labels the pictures
   */
  async chooseFolder(folder, tablePath = null) {
    await this.folderInput.setInputFiles(folder);
    const read = this.rail.locator('[data-step-id="data"][data-state="done"]');
    await read.or(this.error).or(this.openLabelsButton).first().waitFor({ timeout: 0 });
    if (await this.openLabelsButton.isVisible()) {
      if (tablePath !== null) await this.#chooseTable(tablePath);
      await this.openLabels();
      return;
    }
    await this.waitForDataset();
    if (tablePath !== null) {
      throw new StudioFailure(`The page takes the classes from the folders, so ${tablePath} labels nothing.`);
    }
  }

  /** @param {string} tablePath */
  async #chooseTable(tablePath) {
    const table = this.#optionControl('table');
    // With one table alone there is nothing to choose; what it is called stands above the panel's heading.
    if ((await table.count()) > 0) await this.#choose(table, tablePath);
    const shown = this.stage.locator('.stageNumber');
    const isShown = shown.filter({ hasText: tablePath }).or(this.error).first();
    await isShown.waitFor({ timeout: (await table.count()) > 0 ? 0 : 10_000 }).catch(async () => {
      throw new StudioFailure(`The page shows another table than ${tablePath}: ${await shown.innerText()}.`);
    });
    await this.throwFailure();
  }

  /** Opens the shown table's pictures with the choices as they stand; throws the page's sentence when that cannot be. */
  async openLabels() {
    if ((await this.openLabelsButton.getAttribute('aria-disabled')) === 'true') {
      throw new StudioFailure(await this.stage.getByTestId('labels-problem').innerText());
    }
    await this.openLabelsButton.click();
    await this.waitForDataset();
  }

  /** Waits until the data set that was handed over is read; throws the page's sentence when it cannot be. */
  async waitForDataset() {
    const read = this.rail.locator('[data-step-id="data"][data-state="done"]');
    await read.or(this.error).first().waitFor({ timeout: 0 });
    await this.throwFailure();
  }

  /** @returns {Promise<{ backend: string, adapter: string }>} what the page computes with, once it says so */
  async readBadge() {
    const started = this.page.locator('[data-testid="backend-badge"][data-backend]:not([data-backend=""])');
    await started.or(this.error).first().waitFor({ timeout: 0 });
    await this.throwFailure();
    return {
      backend: (await this.badge.getAttribute('data-backend')) ?? '',
      adapter: (await this.badge.getAttribute('data-adapter')) ?? '',
    };
  }

  /** Throws when the page shows an error. */
  async throwFailure() {
    if (await this.error.isVisible()) throw new StudioFailure(await this.#readError());
  }

  async #readError() {
    // The sentence is the notice's text; its buttons come after it.
    return (await this.error.locator('p').first().innerText()).trim();
  }

  /** Opens the settings of the step on the stage, if they are folded. */
  async openSettings() {
    if ((await this.settings.count()) === 0) return;
    if ((await this.settings.getAttribute('open')) === null) await this.settings.locator('summary').click();
  }

  /** @param {string} optionId */
  #optionControl(optionId) {
    return this.stage.locator(`[data-option-id="${optionId}"]`).first();
  }

  /**
   * @param {string} optionId
   * @returns {Promise<boolean>} whether the step on the stage has such a setting
   */
  async hasOption(optionId) {
    return (await this.#optionControl(optionId).count()) > 0;
  }

  /**
   * Sets one setting of the step that is on the stage.
   * @param {string} optionId
   * @param {string | number | boolean} value
   * @throws {StudioFailure} with the page's own sentence when it does not take the value
   */
  async setOption(optionId, value) {
    await this.openSettings();
    if (!(await this.hasOption(optionId))) throw new StudioFailure(`This step has no setting named ${optionId}.`);
    const control = this.#optionControl(optionId);
    const kind = await control.evaluate((element) =>
      element instanceof HTMLInputElement ? element.type : element.tagName.toLowerCase(),
    );
    if (kind === 'select') await this.#choose(control, String(value));
    else if (kind === 'checkbox') await control.setChecked(String(value) === 'true');
    else {
      await control.fill(String(value));
      await control.blur();
    }
    if ((await control.getAttribute('aria-invalid')) !== 'true') return;
    const helpId = await control.getAttribute('aria-describedby');
    throw new StudioFailure(`${optionId} ${value}: ${await this.page.locator(`[id="${helpId}"]`).innerText()}`);
  }

  /**
   * @param {import('@playwright/test').Locator} select
   * @param {string} value
   */
  async #choose(select, value) {
    const values = await select
      .locator('option')
      .evaluateAll((options) => options.map((option) => option.getAttribute('value') ?? option.textContent ?? ''));
    if (!values.includes(value)) {
      throw new StudioFailure(`The page does not offer "${value}". It offers: ${values.join(', ')}.`);
    }
    await select.selectOption(value);
  }

  /**
   * @param {string} stepId
   * @param {Readonly<Record<string, string | number | boolean>>} options
   */
  async setOptions(stepId, options) {
    if (Object.keys(options).length === 0) return;
    await this.select(stepId);
    for (const [optionId, value] of Object.entries(options)) await this.setOption(optionId, value);
  }

  /**
   * Sets the seed of split and training, in the data panel; the data set is split anew when it changes.
   * @param {number} seed
   */
  async setSeed(seed) {
    await this.select('data');
    await this.openSettings();
    const control = this.stage.locator('[data-option-id="seed"]').first();
    if ((await control.inputValue()) === String(seed)) return;
    await control.fill(String(seed));
    await control.blur();
    // The page notes the change first and splits then: without this pause the old state would be read.
    await this.page.waitForTimeout(300);
    await this.waitForDataset();
  }

  /** Keeps no picture to check with, in the data panel: everything is learnt from. */
  async learnFromEverything() {
    await this.select('data');
    await this.setOption('fold', 'nothing');
    await this.page.getByTestId('nothing-validates').first().or(this.error).first().waitFor();
    await this.throwFailure();
  }

  /**
   * @param {string} stepId
   * @returns {Promise<string | null>} why the page does not run the step now, in its own words; null where it does
   */
  async whyNotRunnable(stepId) {
    await this.select(stepId);
    if ((await this.runButton.getAttribute('aria-disabled')) !== 'true') return null;
    const reasonId = await this.runButton.getAttribute('aria-describedby');
    return reasonId ? this.page.locator(`[id="${reasonId}"]`).innerText() : 'It says no reason.';
  }

  /**
   * Presses Run for a step and returns as soon as the page has taken it up.
   * @param {string} stepId
   */
  async startStep(stepId) {
    const whyNot = await this.whyNotRunnable(stepId);
    if (whyNot !== null) throw new StudioFailure(`The step ${stepId} cannot run. ${whyNot}`);
    const stateBefore = await this.stateOf(stepId);
    await this.runButton.click();
    // A step that had ended before still shows that end until the new run begins.
    if (endStates.includes(stateBefore)) await this.waitForState(stepId, ['running', 'failed'], 10_000);
  }

  /**
   * Waits until a started step has ended.
   * @param {string} stepId
   * @returns {Promise<RailState>} 'done' or 'stopped'
   * @throws {StudioFailure} with the page's sentence when the step failed
   */
  async waitForEnd(stepId) {
    const ended = endStates.map((state) => `[data-step-id="${stepId}"][data-state="${state}"]`).join(', ');
    await this.rail.locator(ended).or(this.error).first().waitFor({ timeout: 0 });
    await this.throwFailure();
    const state = await this.stateOf(stepId);
    if (state === 'failed') throw new StudioFailure(`The step ${stepId} failed, and the page does not say why.`);
    return state;
  }

  /**
   * Presses the way on from a step that broke, where the page would take it by itself when nobody is there.
   * @param {string} stepId
   * @returns {Promise<string | null>} what the page says of it; null where it shows no such offer
   */
  async goOnAlone(stepId) {
    if (!(await this.error.getByTestId('goes-on-alone').isVisible())) return null;
    const sentence = await this.#readError();
    await this.error.getByRole('button').first().click();
    // A backend may have to be opened first.
    await this.waitForState(stepId, ['running', 'done'], 120_000);
    return sentence;
  }

  /** @param {string} stepId */
  async runStep(stepId) {
    await this.startStep(stepId);
    return this.waitForEnd(stepId);
  }

  /**
   * Presses the button that takes the recommended rate into the steps that it is for.
   * @param {string} finderStepId
   * @returns {Promise<string>} what the button says then: the steps and the rate
   */
  async applyRecommendedRate(finderStepId) {
    await this.select(finderStepId);
    const button = this.stage.locator('[data-testid="apply-rate"][data-recommended="true"]').first();
    if ((await button.count()) === 0) throw new StudioFailure('The finder suggests no rate. Give one with --rate.');
    await button.click();
    await this.stage.locator('[data-testid="apply-rate"][data-recommended="true"][data-taken="true"]').waitFor();
    return (await button.innerText()).trim();
  }

  /** @returns {Promise<string>} the sentence that reads the result of the step on the stage, once it is there */
  async readReading() {
    return (await this.stage.getByTestId('reading').innerText()).trim();
  }

  /**
   * Reads the loss table as it stands. The page draws new rows a moment after a step's end, so say how many must be there.
   * @param {number} [leastCount] waits until the table has as many rows
   * @returns {Promise<LossRow[]>}
   */
  async readLossRows(leastCount = 0) {
    if (leastCount > 0)
      await this.lossTable
        .locator('tbody tr')
        .nth(leastCount - 1)
        .waitFor();
    const rows = await this.lossTable
      .locator('tbody tr')
      .evaluateAll((elements) =>
        elements.map((row) => Array.from(row.children, (cell) => cell.textContent?.trim() ?? '')),
      );
    return rows.map(([epoch = '', trainLoss = '', validLoss = '', score = '']) => ({
      epoch,
      trainLoss,
      validLoss,
      score,
    }));
  }

  /** @returns {Promise<readonly string[]>} the heads of the loss table: its last one says what the score is */
  async readLossHeads() {
    return this.lossTable.locator('thead th').allInnerTexts();
  }

  /**
   * Presses "Save run report" and keeps the file.
   * @param {string} file
   */
  async saveReport(file) {
    const [download] = await Promise.all([this.page.waitForEvent('download'), this.reportButton.click()]);
    await download.saveAs(file);
  }
}
