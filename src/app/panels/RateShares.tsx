// The rates of the layer groups as bars, with one slider that makes all ratios between neighbours larger or smaller together. The
// divisors themselves stay typed numbers in the step's settings.

import { useId } from 'react';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { useEventLog } from '../store/eventLog.ts';
import { divisorsOf, groupRates, meanDivisor, scaleDivisors, wholeRate } from '../store/rateShares.ts';
import { setOption, useSettings } from '../store/settings.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatRate } from '../ui/formatNumbers.ts';

/** The slider's ends as powers of ten: from the same rate for all to a thousandth from group to group. */
const mostDecades = 3;
/** The shortest bar stands for a share of 1/10,000, or less. */
const barDecades = 4;

export function RateShares({ step, isRunning }: { step: RecipeStep; isRunning: boolean }) {
  const sliderId = useId();
  const divisors = divisorsOf(step.options);
  const typed = useSettings((state) => state.valuesByStep[step.id]);
  const settings = useSettings((state) => state);
  const recipe = useStudio(currentRecipe);
  const whole = useEventLog((log) => recipe && wholeRate(recipe, step, settings, log));
  const groups = groupRates(divisors, typed);
  const mean = meanDivisor(groups);
  const reason = isRunning ? 'Off while the step runs.' : null;

  function scaleTo(next: number) {
    if (isRunning) return;
    for (const [id, value] of Object.entries(scaleDivisors(divisors, typed, next))) setOption(step.id, id, value);
  }
  function setAll(value: number) {
    for (const { id } of divisors) setOption(step.id, id, value);
  }

  return (
    <section className="rateShares" aria-label="Rates of the layer groups">
      <ul>
        {groups.map(({ group, share }) => (
          <li key={group} data-testid="group-rate" data-share={share}>
            <span className="rateGroup">{group}</span>
            <span className="bar" aria-hidden="true">
              <span style={{ width: `${barPercent(share)}%` }} />
            </span>
            <span className="numbers">
              {whole && <strong>{formatRate(whole.rate * share)}</strong>}{' '}
              <span className="muted">{nameShare(share)}</span>
            </span>
          </li>
        ))}
      </ul>
      <label htmlFor={sliderId}>From group to group, smaller by</label>
      <div className="rateSlider">
        <input
          id={sliderId}
          type="range"
          min={0}
          max={mostDecades}
          step={0.05}
          value={Math.log10(mean)}
          aria-disabled={isRunning}
          aria-valuetext={`each group’s rate is 1/${Number(mean.toPrecision(2))} of the next one’s`}
          title={reason ?? undefined}
          data-testid="rate-slider"
          onChange={(event) => scaleTo(10 ** Number(event.target.value))}
        />
        <output className="numbers" htmlFor={sliderId}>
          {Number(mean.toPrecision(2))}×
        </output>
      </div>
      <div className="actionRow">
        {divisors[0]?.presets?.map(({ value, label }) => (
          <ActionButton key={value} testId="rate-preset" whyOff={reason} onPress={() => setAll(value)}>
            {label}
          </ActionButton>
        ))}
      </div>
      {whole && (
        <p className="muted tableNote">
          Shares of the rate {formatRate(whole.rate)}, {whole.origin}. The bars are drawn on a logarithmic scale.
        </p>
      )}
    </section>
  );
}

function barPercent(share: number): number {
  return Math.max(3, 100 * (1 + Math.log10(share) / barDecades));
}

function nameShare(share: number): string {
  return share === 1 ? 'the whole rate' : `1/${Number((1 / share).toPrecision(2))}`;
}
