// Every way of judging the validation pictures beside the others: plainly, with several looks, with several cycles together.

import { resultRows } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { formatInterval, formatLoss, formatPercent } from '../ui/formatNumbers.ts';

/** @param shown step and label of the row whose matrix and pictures the page shows. */
export function ResultRows({ shown }: { shown: { readonly stepId: string; readonly label: string } }) {
  const rows = useEventLog(resultRows);
  const recipe = useStudio(currentRecipe);
  if (rows.length === 0) return null;
  const nameStep = (stepId: string) => {
    const step = recipe?.steps.find(({ id }) => id === stepId);
    return step ? `step ${step.number}, ${step.title.toLowerCase()}` : 'a step of another recipe';
  };
  return (
    <section className="block" aria-labelledby="rows-title">
      <h2 id="rows-title">Results side by side</h2>
      <table className="plainTable resultRows numbers" data-testid="result-rows">
        <thead>
          <tr>
            <th scope="col">judged</th>
            <th scope="col">accuracy, 95 % interval</th>
            <th scope="col">log loss</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => {
            const isShown = row.stepId === shown.stepId && row.label === shown.label;
            return (
              <tr key={`${row.stepId} ${row.label}`} data-shown={isShown}>
                <th scope="row">
                  {row.label}
                  <span className="rowNote muted">
                    {nameStep(row.stepId)}
                    {isShown && '; shown below'}
                  </span>
                </th>
                <td>
                  {row.score.kind === 'f2' ? (
                    row.score.f2.toFixed(3)
                  ) : (
                    <>
                      {formatPercent(row.score.accuracy.accuracy)}
                      <span className="rowNote muted">{formatInterval(row.score.accuracy)}</span>
                    </>
                  )}
                </td>
                <td>{formatLoss(row.logLoss)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}
