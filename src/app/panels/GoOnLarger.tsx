// Progressive resizing in one press: the step that sets the picture size is run again at a larger one, with all that is trained.
// For recipes that have no step of their own for it.

import { useState } from 'react';
import { hasTrained } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { readOption } from '../store/optionValues.ts';
import {
  findSizeSetter,
  growsByItself,
  type NumberOption,
  proposeLargerSize,
  sizeInForce,
} from '../store/pictureSize.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { useActions } from './actionsContext.ts';

export function GoOnLarger() {
  const recipe = useStudio(currentRecipe);
  const setter = recipe && !growsByItself(recipe) ? findSizeSetter(recipe) : null;
  if (!setter) return null;
  return <SizeChoice setterTitle={setter.step.title} setterNumber={setter.step.number} option={setter.option} />;
}

interface SizeChoiceProps {
  readonly setterTitle: string;
  readonly setterNumber: number;
  readonly option: NumberOption;
}

function SizeChoice({ setterTitle, setterNumber, option }: SizeChoiceProps) {
  const actions = useActions();
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const currentPx = useEventLog((log) => sizeInForce(log, firstValidRun));
  /** Null while the proposal stands. */
  const [typed, setTyped] = useState<string | null>(null);
  const shown = typed ?? (currentPx === null ? '' : String(proposeLargerSize(currentPx, option)));
  const reading = readOption(option, shown);
  const sizePx = reading.isValid ? Number(reading.value) : null;
  const problem = currentPx === null ? null : describeSize(reading.isValid ? null : reading.problem, sizePx, currentPx);
  const whyOff = useWhyNot(currentPx) ?? problem;
  return (
    <section className="block goOnLarger" aria-labelledby="larger-title">
      <h2 id="larger-title">Go on with larger pictures</h2>
      <p className="muted">
        Larger pictures are new pictures to the network, and a strong guard against learning these by heart. This runs
        step {setterNumber} ({setterTitle.toLowerCase()}) again with all that is trained, and the trainings behind it
        then start from that.
      </p>
      <div className="goOnLargerRow">
        <div className="optionField">
          <label htmlFor="larger-size">
            {option.label} ({option.unit})
          </label>
          <input
            id="larger-size"
            type="text"
            inputMode="numeric"
            autoComplete="off"
            data-option-id="largerSizePx"
            aria-describedby="larger-help"
            aria-invalid={problem !== null}
            value={shown}
            onChange={(event) => setTyped(event.target.value)}
          />
        </div>
        <ActionButton
          testId="go-on-larger"
          whyOff={whyOff}
          onPress={() => {
            setTyped(null);
            if (sizePx !== null) void actions.goOnLarger(sizePx);
          }}
        >
          {currentPx === null || sizePx === null ? 'Go on larger' : `Go on at ${currentPx} → ${sizePx} px`}
        </ActionButton>
      </div>
      <p id="larger-help" className={problem === null ? 'muted' : 'fieldProblem'} aria-live="polite">
        {problem ?? 'Larger takes longer and more memory: twice the side is four times the work.'}
      </p>
    </section>
  );
}

/** What is wrong with the size that was typed; null when nothing is. */
function describeSize(problem: string | null, sizePx: number | null, currentPx: number): string | null {
  if (problem !== null) return problem;
  if (sizePx !== null && sizePx <= currentPx) return `Larger than the ${currentPx} px of now.`;
  return null;
}

/** Why nobody can go on now; null when one can. */
function useWhyNot(currentPx: number | null): string | null {
  const isReplay = useStudio((state) => state.engine === 'replay');
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const isTrained = useEventLog((log) => log.stepRuns.slice(firstValidRun).some(hasTrained));
  if (isReplay) return 'This is a recorded run; there is no engine behind it.';
  if (isRunning) return 'A step is running. Wait for it, or stop it.';
  if (!isTrained || currentPx === null) return 'Nothing is trained yet, so there is nothing to go on with.';
  return null;
}
