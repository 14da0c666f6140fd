// How many parameters of each layer group would learn, before the step that says so is run.

import type { RecipeStep } from '../../protocol/recipe.ts';
import { readSettings } from '../store/optionValues.ts';
import { useSettings } from '../store/settings.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';
import { usePreview } from './usePreview.ts';

export function LearningPreview({ step }: { step: RecipeStep }) {
  const { previewLearning } = useActions();
  const typed = useSettings((state) => state.valuesByStep[step.id]);
  const { answer: groups } = usePreview(step, readSettings(step.options, typed).values, previewLearning);
  if (!groups) return null;
  const total = groups.reduce((sum, { learningCount }) => sum + learningCount, 0);
  return (
    <section aria-label="What would learn" data-testid="learning-preview">
      <table className="plainTable numbers">
        <caption className="learningCaption">With these settings {formatCount(total)} parameters would learn</caption>
        <thead>
          <tr>
            <th scope="col">layers</th>
            <th scope="col">would learn</th>
            <th scope="col">of</th>
          </tr>
        </thead>
        <tbody>
          {groups.map(({ title, learningCount, parameterCount }) => (
            <tr key={title}>
              <th scope="row">{title}</th>
              <td>{learningCount === 0 ? 'none, frozen' : formatCount(learningCount)}</td>
              <td>{formatCount(parameterCount)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
