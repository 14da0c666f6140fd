// Every way of judging the validation pictures beside the others: plainly, with several looks, with several cycles together.

import type { ResultScore } from '../../protocol/training.ts';
import { resultRows } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { formatInterval, formatLoss, formatPercent, formatShare, formatThreshold } from '../ui/formatNumbers.ts';

/** @param shown step and label of the row whose matrix and pictures the page shows. */
export function ResultRows({ shown }: { shown: { readonly stepId: string; readonly label: string } }) {
  const rows = useEventLog(resultRows);
  const recipe = useStudio(currentRecipe);
  if (rows.length === 0) return null;
  const isTags = rows.some(({ score }) => score.kind === 'f2');
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
            {isTags ? (
              <th scope="col">F2, threshold</th>
            ) : (
              <>
                <th scope="col">accuracy, 95 % interval</th>
                <th scope="col">macro-F1</th>
              </>
            )}
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
                <ScoreCells score={row.score} />
                <td>{formatLoss(row.logLoss)}</td>
              </tr>
            );
          })}
        </tbody>
      </table>
      <p className="muted tableNote">
        {isTags
          ? 'F2: how many of a picture’s tags were given and how many of those given it has, in one number in which a missed tag weighs more than an added one; then the mean over the pictures. Each row’s threshold is the one that gives it the largest.'
          : 'Macro-F1: the mean of the classes’ F1, in which each class counts alike, however rare it is.'}
      </p>
    </section>
  );
}

function ScoreCells({ score }: { score: ResultScore }) {
  if (score.kind === 'f2') {
    return (
      <td>
        {formatShare(score.f2)}
        <span className="rowNote muted">above {formatThreshold(score.threshold)}</span>
      </td>
    );
  }
  return (
    <>
      <td>
        {formatPercent(score.accuracy.accuracy)}
        <span className="rowNote muted">{formatInterval(score.accuracy)}</span>
      </td>
      <td>{formatShare(score.macroF1)}</td>
    </>
  );
}
