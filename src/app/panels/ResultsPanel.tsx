// The place for results: accuracy or F2 in every way it was measured, what the losses say, matrix, classes or tags, and the pictures
// behind it all.

import { memo } from 'react';
import { ConfusionMatrixView } from '../charts/ConfusionMatrix.tsx';
import { CooccurrenceMatrix } from '../charts/CooccurrenceMatrix.tsx';
import { hasTrained, type Judgement, latestJudgement } from '../charts/results.ts';
import { useEventLog } from '../store/eventLog.ts';
import { learnsFromAll, useStudio } from '../store/studio.ts';
import {
  formatCount,
  formatCountOf,
  formatInterval,
  formatPercent,
  formatShare,
  formatThreshold,
} from '../ui/formatNumbers.ts';
import { ClassTable } from './ClassTable.tsx';
import { Diagnosis } from './Diagnosis.tsx';
import { GoOnLarger } from './GoOnLarger.tsx';
import { NothingValidates } from './NothingValidates.tsx';
import { ResultGalleries } from './ResultGalleries.tsx';
import { ResultRows } from './ResultRows.tsx';
import { SaveReport } from './SaveReport.tsx';
import { TagGalleries } from './TagGalleries.tsx';
import { TagScores } from './TagScores.tsx';
import { TagTable } from './TagTable.tsx';
import { LatestTestPredictions } from './TestPredictions.tsx';

export const ResultsPanel = memo(function ResultsPanel() {
  const judged = useEventLog(latestJudgement);
  const isTrained = useEventLog((log) => log.stepRuns.some(hasTrained));
  const isOnAll = useStudio(learnsFromAll);
  return (
    <>
      <div className="stageHead">
        <p className="stageNumber">Results</p>
        <h1>What the network learned</h1>
        <p className="why">
          {judged
            ? describeResult(judged)
            : isTrained
              ? 'It has learnt from every picture and kept none to check with, so there is no result to show.'
              : 'Nothing has been trained yet. Run the steps up to the first training; its result comes here.'}
        </p>
      </div>
      {isOnAll && <NothingValidates isTrained={isTrained} />}
      {(judged || isTrained) && (
        <div className="actionRow">
          <SaveReport />
        </div>
      )}
      {judged && (
        <>
          <ResultRows shown={judged} />
          <Diagnosis />
        </>
      )}
      <GoOnLarger />
      {judged?.type === 'confusion' && (
        <>
          <ConfusionMatrixView confusion={judged} />
          <ClassTable confusion={judged} />
          <ResultGalleries confusion={judged} />
        </>
      )}
      {judged?.type === 'tagsJudged' && (
        <>
          <TagScores result={judged} />
          <CooccurrenceMatrix result={judged} />
          <TagTable result={judged} />
          <TagGalleries result={judged} />
        </>
      )}
      <LatestTestPredictions />
    </>
  );
});

/** @returns the result in a sentence or two, with its uncertainty or its threshold. */
export function describeResult(judged: Judgement): string {
  if (judged.type === 'tagsJudged') {
    const { f2, threshold, count } = judged.score;
    return `Over ${formatCountOf(count, 'validation picture')} the F2 is ${formatShare(f2)}, with every tag given whose probability is above ${formatThreshold(threshold)}.`;
  }
  const { accuracy } = judged;
  const { correctCount, count } = accuracy;
  return `${formatCount(correctCount)} of ${formatCount(count)} validation pictures were recognised: ${formatPercent(accuracy.accuracy)}. On new pictures like these, with 95 % confidence, between ${formatInterval(accuracy)}.`;
}
