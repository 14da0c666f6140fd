// A step's settings: one line that opens into the form of all its options.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { readSettings, summarizeSettings } from '../store/optionValues.ts';
import { resetOptions, setOption, useSettings } from '../store/settings.ts';
import { OptionsForm } from '../ui/OptionsForm.tsx';

export function StepSettings({ step, isRunning }: { step: RecipeStep; isRunning: boolean }) {
  const typed = useSettings((state) => state.valuesByStep[step.id]);
  const { values, problems } = readSettings(step.options, typed);
  if (step.options.length === 0) return null;
  const problemCount = Object.keys(problems).length;
  return (
    <details data-testid="settings" className="settings">
      <summary>
        <span className="settingsWord">Settings</span>
        <span className="settingsSummary numbers">
          {problemCount > 0 ? 'one of them cannot be used' : summarizeSettings(step.options, values)}
        </span>
      </summary>
      <OptionsForm
        idPrefix={step.id}
        options={step.options}
        typed={typed}
        isOff={isRunning}
        onChange={(optionId, value) => setOption(step.id, optionId, value)}
      />
      {typed !== undefined && !isRunning && (
        <button type="button" className="quiet" onClick={() => resetOptions(step.id)}>
          Back to the lesson’s values
        </button>
      )}
    </details>
  );
}
