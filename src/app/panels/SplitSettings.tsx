// Seed, validation share and how the split is drawn. A change splits the data set anew, which drops what was trained; folders that hold a split keep it.

import { type KeyboardEvent, useState } from 'react';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import { useSettings } from '../store/settings.ts';
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
  const isSplitByFolders = dataset.splitOrigin.kind === 'folders';
  const readSeedValue = readSeed(typedSeed);
  const readShareValue = readShare(typedShare);

  function commit() {
    if (isBusy || readSeedValue === null || readShareValue === null) return;
    if (readSeedValue === seed && readShareValue === share) return;
    const keptFold = fold !== null && fold < countFolds(readShareValue) ? fold : null;
    void actions.split(readSeedValue, readShareValue, keptFold);
  }
  function chooseFold(value: string) {
    if (isBusy || isSplitByFolders || readSeedValue === null || readShareValue === null) return;
    void actions.split(readSeedValue, readShareValue, value === byClass ? null : Number(value));
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
          aria-disabled={isSplitByFolders}
          readOnly={isSplitByFolders || isBusy}
          aria-invalid={readShareValue === null}
          value={isSplitByFolders ? '' : typedShare}
          onChange={(event) => setTypedShare(event.target.value)}
          onBlur={commit}
          onKeyDown={commitOnEnter}
        />
        <p id="split-share-help" className={readShareValue === null ? 'fieldProblem' : 'muted'}>
          {describeShare(isSplitByFolders, readShareValue, fold)}
        </p>
      </div>
      {!isSplitByFolders && (
        <div className="optionField">
          <label htmlFor="split-fold">Pictures to check with</label>
          <select
            id="split-fold"
            data-option-id="fold"
            aria-describedby="split-fold-help"
            aria-disabled={isBusy}
            value={fold ?? byClass}
            onChange={(event) => chooseFold(event.target.value)}
          >
            <option value={byClass}>a share of every class</option>
            {Array.from({ length: countFolds(share) }, (_, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: a fold is its number.
              <option key={index} value={index}>
                fold {index + 1} of {countFolds(share)}
              </option>
            ))}
          </select>
          <p id="split-fold-help" className="muted">
            Folds are the lesson’s get_cv_idxs: each picture is in one of them, and rare classes may be missing in some.
          </p>
        </div>
      )}
    </div>
  );
}

function describeShare(isSplitByFolders: boolean, share: number | null, fold: number | null): string {
  if (isSplitByFolders) return 'Off: your folders already say which pictures are for checking, and that is kept.';
  if (share === null) return `A number from ${minSharePercent} to ${maxSharePercent} %.`;
  const what = fold === null ? 'each class' : 'all pictures';
  return `How much of ${what} is kept to check with. Changing it splits anew and drops what was trained.`;
}
