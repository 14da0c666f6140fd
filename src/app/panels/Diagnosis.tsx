// What train and valid loss of the newest training say, and the step that this suggests.

import { latestDiagnosis } from '../charts/results.ts';
import { findAdvisedStep } from '../store/advice.ts';
import { useEventLog } from '../store/eventLog.ts';
import { selectPlace } from '../store/settings.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';

export function Diagnosis() {
  const diagnosed = useEventLog(latestDiagnosis);
  const recipe = useStudio(currentRecipe);
  if (!diagnosed) return null;
  const { stepId, diagnosis } = diagnosed;
  const step = recipe ? findAdvisedStep(recipe, stepId, diagnosis.nextStep) : null;
  return (
    <section className="block" aria-labelledby="diagnosis-title">
      <h2 id="diagnosis-title">What the losses say</h2>
      <p className="diagnosis" data-testid="diagnosis" data-kind={diagnosis.kind}>
        {diagnosis.sentence}{' '}
        {step && (
          <button type="button" className="link" onClick={() => selectPlace(step.id)}>
            Go to step {step.number}, {step.title.toLowerCase()}
          </button>
        )}
      </p>
    </section>
  );
}
