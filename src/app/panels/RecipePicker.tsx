// Which recipe is on the rail. Steps that two recipes share keep what they did.

import { currentRecipe, useStudio } from '../store/studio.ts';
import { useActions } from './actionsContext.ts';

const whyOff = 'A step is running. Wait for it, or stop it.';
const whyOffId = 'recipe-picker-why-off';

export function RecipePicker() {
  const actions = useActions();
  const recipes = useStudio((state) => state.catalog?.recipes);
  const current = useStudio((state) => currentRecipe(state)?.id);
  const isRunning = useStudio((state) => state.runningStepId !== null);
  if (!recipes || recipes.length < 2 || current === undefined) return null;
  return (
    <label className="recipePicker">
      <span className="visuallyHidden">Recipe</span>
      <select
        data-testid="recipe-picker"
        value={current}
        aria-disabled={isRunning}
        aria-describedby={isRunning ? whyOffId : undefined}
        title={isRunning ? whyOff : undefined}
        onChange={(event) => !isRunning && actions.chooseRecipe(event.target.value)}
      >
        {recipes.map(({ id, label }) => (
          <option key={id} value={id}>
            {label}
          </option>
        ))}
      </select>
      {isRunning && (
        <span id={whyOffId} className="visuallyHidden">
          {whyOff}
        </span>
      )}
    </label>
  );
}
