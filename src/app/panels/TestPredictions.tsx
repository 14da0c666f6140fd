// What the network says of the test pictures: how often each class, picture by picture, and the file to hand in.

import { memo, useMemo, useState } from 'react';
import type { DatasetSummary } from '../../protocol/dataset.ts';
import type { EventOf } from '../../protocol/events.ts';
import type { KnownTestScore } from '../../protocol/training.ts';
import { ClassCountBars } from '../charts/ClassCountBars.tsx';
import {
  countSaid,
  describeTestPicture,
  latestTagsJudged,
  latestTestRun,
  readTestPictures,
  type TestPicture,
  tagThresholdsOf,
} from '../charts/testPredictions.ts';
import { lastOf, useEventLog } from '../store/eventLog.ts';
import { isCurrentRun } from '../store/stepStates.ts';
import { currentRecipe, findStep, useStudio } from '../store/studio.ts';
import { formatAccuracy, formatCount, formatCountOf, formatLoss, formatThreshold } from '../ui/formatNumbers.ts';
import type { GridPicture } from '../ui/gridPicture.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import { SaveSubmission } from './SaveSubmission.tsx';

/** Beside the other results: the newest predictions of any step, and whether something was trained since. */
export function LatestTestPredictions() {
  const run = useEventLog(latestTestRun);
  const recipe = useStudio(currentRecipe);
  const firstValidRun = useStudio((state) => state.firstValidRun);
  const step = useStudio((state) => (run ? findStep(state, run.stepId) : undefined));
  const isCurrent = useEventLog(
    (log) => !run || !recipe || !step || isCurrentRun(run, step, { recipe, log, firstValidRun }),
  );
  const event = run && lastOf(run.byType.testPredicted);
  if (!event) return null;
  return (
    <>
      {!isCurrent && (
        <p className="notice">
          The predictions of the test pictures are from before an earlier step was run again. Run “{step?.title}” to
          bring them up to date.
        </p>
      )}
      <TestPredictions event={event} />
    </>
  );
}

export const TestPredictions = memo(function TestPredictions({ event }: { event: EventOf<'testPredicted'> }) {
  const dataset = useStudio((state) => state.dataset);
  const isTags = dataset?.labelKind === 'tags';
  const judged = useEventLog(latestTagsJudged);
  const tagThresholds = useMemo(() => (isTags ? tagThresholdsOf(judged) : null), [isTags, judged]);
  const [classIndex, setClassIndex] = useState<number | null>(null);
  const [isLeastSureFirst, setLeastSureFirst] = useState(false);
  const { classes } = event;
  const pictures = useMemo(
    () => readTestPictures(event, tagThresholds && classes.map(() => tagThresholds.one)),
    [event, tagThresholds, classes],
  );
  const counts = useMemo(() => countSaid(pictures, classes.length), [pictures, classes]);
  const shown = useMemo(() => {
    const chosen = pictures.filter(
      ({ said }) => classIndex === null || said.some((one) => one.classIndex === classIndex),
    );
    const ordered = isLeastSureFirst ? [...chosen].sort((a, b) => a.sureness - b.sureness) : chosen;
    return ordered.map((picture) => toGridPicture(picture, event, dataset));
  }, [pictures, classIndex, isLeastSureFirst, event, dataset]);
  return (
    <section className="block testPredictions" aria-labelledby="test-title" data-testid="test-predictions">
      <h2 id="test-title">The test pictures</h2>
      <p className="muted">
        {formatCountOf(pictures.length, 'picture')}, judged: {event.label}.
        {tagThresholds && ` A tag is given above ${formatThreshold(tagThresholds.one)}.`} Press a class to see its
        pictures alone.
      </p>
      {event.known && <KnownScore known={event.known} testCount={pictures.length} />}
      <LostPictures ids={event.lostPictureIds} dataset={dataset} />
      <ClassCountBars
        isTags={isTags}
        counts={classes.map((className, index) => ({ className, train: 0, valid: 0, test: counts[index] ?? 0 }))}
        selected={classIndex}
        onSelect={setClassIndex}
      />
      <div className="blockHead">
        <h3>
          {classIndex === null ? 'All of them' : `Said to be ${classes[classIndex]}`}, {formatCount(shown.length)}
        </h3>
        <fieldset className="segments">
          <legend className="visuallyHidden">Order of the pictures</legend>
          <button type="button" aria-pressed={!isLeastSureFirst} onClick={() => setLeastSureFirst(false)}>
            as in the folder
          </button>
          <button type="button" aria-pressed={isLeastSureFirst} onClick={() => setLeastSureFirst(true)}>
            least sure first
          </button>
        </fieldset>
      </div>
      <PictureGrid pictures={shown} label="Test pictures" />
      <SaveSubmission stepId={event.stepId} tagThresholds={tagThresholds} classCount={classes.length} />
    </section>
  );
});

/** Folders inside the test folder may say what its pictures are. */
function KnownScore({ known, testCount }: { known: KnownTestScore; testCount: number }) {
  const { accuracy, logLoss } = known;
  return (
    <p data-testid="known-score">
      By the class folders that {accuracy.count === testCount ? 'they' : `${formatCount(accuracy.count)} of them`} lie
      in: <strong>{formatAccuracy(accuracy)}</strong>; log loss {formatLoss(logLoss)}.
    </p>
  );
}

function LostPictures({ ids, dataset }: { ids: readonly number[]; dataset: DatasetSummary | null }) {
  if (ids.length === 0) return null;
  return (
    <details className="lostPictures" data-testid="lost-pictures">
      <summary>
        {formatCountOf(ids.length, 'picture')} no longer {ids.length === 1 ? 'opens and has' : 'open and have'} no
        prediction
      </summary>
      <ul>
        {ids.map((id) => (
          <li key={id}>{dataset?.pictures[id]?.path ?? `picture ${id}`}</li>
        ))}
      </ul>
    </details>
  );
}

function toGridPicture(
  picture: TestPicture,
  { classes, known }: EventOf<'testPredicted'>,
  dataset: DatasetSummary | null,
): GridPicture {
  const { path = '', classIndices = null } = dataset?.pictures[picture.pictureId] ?? {};
  const fileName = path.slice(path.lastIndexOf('/') + 1);
  const [said, ...truth] = describeTestPicture(picture, classes, known ? classIndices : undefined);
  return { id: picture.pictureId, path, captions: [said, fileName, ...truth] };
}
