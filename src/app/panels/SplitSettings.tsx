// Seed, validation share and which pictures validate: those that the folders say, a share, a fold, or none. A change splits the
// data set anew, which drops what was trained; folders that hold a split keep it.

import { type KeyboardEvent, useState } from 'react';
import type { DatasetSummary, SplitOrigin } from '../../protocol/dataset.ts';
import { useSettings, type WhatValidates } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { useActions } from './actionsContext.ts';

const minSharePercent = 5;
const maxSharePercent = 50;

/** Reads a share typed as a percentage ("20") or as a fraction ("0.2"). Null when it is out of range. */
export function readShare(typed: string): number | null {
  const value = Number(typed.trim().replace(',', '.'));
  const percent = value > 0 && value < 1 ? value * 100 : value;
  return typed.trim() !== '' && percent >= minSharePercent && percent <= maxSharePercent ? percent / 100 : null;
}

/** Reads a seed: a whole number from 0 to 2^31 - 1. Null for anything else. */
export function readSeed(typed: string): number | null {
  const seed = Number(typed);
  return typed.trim() !== '' && Number.isInteger(seed) && seed >= 0 && seed < 2 ** 31 ? seed : null;
}

const byClass = 'byClass';
const byFolders = 'byFolders';
const nothing = 'nothing';

/** The lesson's folds that a share leaves room for: five of a fifth. */
function countFolds(share: number): number {
  return Math.floor(1 / share + 1e-9);
}

export function SplitSettings({ dataset }: { dataset: DatasetSummary }) {
  const actions = useActions();
  const seed = useSettings((state) => state.seed);
  const share = useSettings((state) => state.validationShare);
  const fold = useSettings((state) => state.fold);
  const isBusy = useStudio((state) => state.runningStepId !== null || state.engine === 'replay');
  const [typedSeed, setTypedSeed] = useState(String(seed));
  const [typedShare, setTypedShare] = useState(String(Math.round(share * 100)));
  const usesAll = dataset.splitOrigin.kind === 'all';
  const hasFolderSplit = isFolderSplit(dataset.splitOrigin);
  const isShareOff = usesAll || hasFolderSplit;
  const readSeedValue = readSeed(typedSeed);
  const readShareValue = readShare(typedShare);

  function commit() {
    if (isBusy || readSeedValue === null || readShareValue === null) return;
    if (readSeedValue === seed && readShareValue === share) return;
    const keptFold = fold !== null && fold < countFolds(readShareValue) ? fold : null;
    void actions.split(readSeedValue, readShareValue, { fold: keptFold, usesAll });
  }
  function choose(value: string) {
    if (isBusy || readSeedValue === null || readShareValue === null) return;
    void actions.split(readSeedValue, readShareValue, readChoice(value));
  }
  function commitOnEnter(event: KeyboardEvent) {
    if (event.key === 'Enter') commit();
  }

  return (
    <div className="optionsForm">
      <div className="optionField">
        <label htmlFor="split-seed">Seed</label>
        <input
          id="split-seed"
          type="number"
          min={0}
          step={1}
          data-option-id="seed"
          aria-describedby="split-seed-help"
          aria-invalid={readSeedValue === null}
          readOnly={isBusy}
          value={typedSeed}
          onChange={(event) => setTypedSeed(event.target.value)}
          onBlur={commit}
          onKeyDown={commitOnEnter}
        />
        <p id="split-seed-help" className={readSeedValue === null ? 'fieldProblem' : 'muted'}>
          {readSeedValue === null
            ? 'A whole number from 0 to 2,147,483,647.'
            : 'The same seed gives the same split, order and result on the same backend.'}
        </p>
      </div>
      <div className="optionField">
        <label htmlFor="split-share">Validation share (%)</label>
        <input
          id="split-share"
          type="number"
          min={minSharePercent}
          max={maxSharePercent}
          step="any"
          data-option-id="validationShare"
          aria-describedby="split-share-help"
          aria-disabled={isShareOff}
          readOnly={isShareOff || isBusy}
          aria-invalid={readShareValue === null}
          value={isShareOff ? '' : typedShare}
          onChange={(event) => setTypedShare(event.target.value)}
          onBlur={commit}
          onKeyDown={commitOnEnter}
        />
        <p id="split-share-help" className={readShareValue === null ? 'fieldProblem' : 'muted'}>
          {whyShareOff(dataset.splitOrigin) ?? describeShare(readShareValue, fold)}
        </p>
      </div>
      <div className="optionField splitChoice">
        <label htmlFor="split-fold">Pictures to check with</label>
        <select
          id="split-fold"
          data-option-id="fold"
          aria-describedby="split-fold-help"
          aria-disabled={isBusy}
          value={usesAll ? nothing : hasFolderSplit ? byFolders : (fold ?? byClass)}
          onChange={(event) => choose(event.target.value)}
        >
          {hasFolderSplit ? (
            <option value={byFolders}>as the folders say</option>
          ) : (
            <>
              <option value={byClass}>a share of every {dataset.labelKind === 'tags' ? 'tag' : 'class'}</option>
              {Array.from({ length: countFolds(share) }, (_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a fold is its number.
                <option key={index} value={index}>
                  fold {index + 1} of {countFolds(share)}
                </option>
              ))}
            </>
          )}
          <option value={nothing}>none: learn from everything</option>
        </select>
        <p id="split-fold-help" className="muted">
          {describeChoice(dataset.splitOrigin)}
        </p>
      </div>
    </div>
  );
}

function isFolderSplit(origin: SplitOrigin): boolean {
  return origin.kind === 'folders' || (origin.kind === 'all' && origin.hasFolderSplit);
}

function readChoice(value: string): WhatValidates {
  const isFold = ![byClass, byFolders, nothing].includes(value);
  return { fold: isFold ? Number(value) : null, usesAll: value === nothing };
}

const whyNone =
  'Learning from everything is for the last training before a submission, with steps that have proven themselves.';

function describeChoice(origin: SplitOrigin): string {
  if (origin.kind === 'all') {
    return `Every picture is learnt from and none is checked with, so nothing here says how good the network is: repeat steps that have proven themselves, and do not choose between settings. Choose ${origin.hasFolderSplit ? 'what the folders say' : 'a share or a fold'} to check again.`;
  }
  if (origin.kind === 'folders') return `${whyNone} A change drops what was trained.`;
  return `Folds are the lesson’s get_cv_idxs: each picture is in one of them, and rare classes may be missing in some. ${whyNone}`;
}

/** Why the share cannot be chosen; null where it can. */
function whyShareOff(origin: SplitOrigin): string | null {
  if (origin.kind === 'all') return 'Off: every picture is learnt from.';
  if (origin.kind !== 'folders') return null;
  return 'Off: your folders already say which pictures are for checking, and that is kept.';
}

function describeShare(share: number | null, fold: number | null): string {
  if (share === null) return `A number from ${minSharePercent} to ${maxSharePercent} %.`;
  const what = fold === null ? 'each class' : 'all pictures';
  return `How much of ${what} is kept to check with. Changing it splits anew and drops what was trained.`;
}
