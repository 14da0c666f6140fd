// The recipe on the left: the data set, every step of the recipe as the catalog gives it, and the results. Arrow keys walk it.

import { Check, CircleAlert, Square } from 'lucide-react';
import { type KeyboardEvent, memo, useEffect, useRef } from 'react';
import { hasTrained, judgementOf } from '../charts/results.ts';
import { type EventLog, lastOf, latestRun, useEventLog } from '../store/eventLog.ts';
import { recommendedOf } from '../store/finder.ts';
import { selectPlace, useSettings } from '../store/settings.ts';
import type { StepState } from '../store/stepStates.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatPercent, formatRate, formatShare } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';
import { RecipePicker } from './RecipePicker.tsx';
import { useSituation } from './useSituation.ts';

interface RailPlace {
  readonly id: string;
  readonly number: string;
  readonly title: string;
  readonly lessonName: string;
  readonly state: StepState;
  /** The step has nothing to work on. */
  readonly lacksPictures?: boolean;
}

const stateWords: Readonly<Record<StepState, string>> = {
  done: 'done',
  running: 'running',
  ready: 'ready to run',
  blocked: 'waits for an earlier step',
  failed: 'failed',
  stopped: 'stopped',
};

export const Rail = memo(function Rail() {
  const { steps, states, idsWithoutPictures } = useSituation();
  const place = useSettings((state) => state.place);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const isTags = useStudio((state) => state.dataset?.labelKind === 'tags');
  const hasResult = useEventLog((log) => log.stepRuns.some(hasTrained));
  const list = useRef<HTMLUListElement>(null);
  // A long recipe does not fit into the rail: the chosen step is brought into its view.
  useEffect(() => {
    const item = list.current?.querySelector(`[data-step-id="${CSS.escape(place)}"]`);
    item?.scrollIntoView?.({ block: 'nearest', inline: 'nearest' });
  }, [place]);
  const places: readonly RailPlace[] = [
    { id: 'data', number: '', title: 'Data', lessonName: 'folder of pictures', state: hasDataset ? 'done' : 'ready' },
    ...steps.map((step, index) => ({
      id: step.id,
      number: String(step.number),
      title: step.title,
      lessonName: step.lessonName,
      state: states[index] ?? 'blocked',
      lacksPictures: idsWithoutPictures.includes(step.id),
    })),
    {
      id: 'results',
      number: '',
      title: 'Results',
      lessonName: isTags ? 'F2, thresholds, pictures' : 'confusion matrix, pictures',
      state: hasResult ? 'done' : 'blocked',
    },
  ];

  function onKeyDown(event: KeyboardEvent) {
    const move = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (move === undefined) return;
    event.preventDefault();
    const index = places.findIndex((candidate) => candidate.id === place) + move;
    const target = places[Math.min(places.length - 1, Math.max(0, index))];
    if (!target) return;
    selectPlace(target.id);
    list.current?.querySelector<HTMLElement>(`[data-step-id="${target.id}"]`)?.focus();
  }

  return (
    <nav aria-label="Recipe" className="rail">
      <RecipePicker />
      {/* Above the steps: a long recipe would push it out of sight. */}
      <RunAllSteps />
      <ul ref={list} onKeyDown={onKeyDown}>
        {places.map((item) => (
          <RailItem key={item.id} item={item} isSelected={item.id === place} />
        ))}
      </ul>
    </nav>
  );
});

/** The result of a step in a word: the rate found, the accuracy or F2 reached, or how far it is. */
function resultInAWord(log: EventLog, stepId: string): string {
  const run = latestRun(log, stepId);
  if (!run) return '';
  const progress = lastOf(run.byType.progress);
  if (run.byType.stepEnded.length === 0) return progress ? formatPercent(progress.stepFraction, 0) : '';
  const suggestion = recommendedOf(lastOf(run.byType.lrSuggested)?.suggestions ?? []);
  if (suggestion) return formatRate(suggestion.learningRate);
  const judged = judgementOf(run);
  if (!judged) return '';
  return judged.type === 'tagsJudged' ? `F2 ${formatShare(judged.score.f2)}` : formatPercent(judged.accuracy.accuracy);
}

const RailItem = memo(function RailItem({ item, isSelected }: { item: RailPlace; isSelected: boolean }) {
  const { id, number, title, lessonName, state, lacksPictures = false } = item;
  const word = useEventLog((log) => resultInAWord(log, id));
  return (
    <li>
      <button
        type="button"
        data-step-id={id}
        data-state={state}
        data-lacks-pictures={lacksPictures}
        aria-current={isSelected ? 'step' : undefined}
        tabIndex={isSelected ? 0 : -1}
        onClick={() => selectPlace(id)}
      >
        <span className="railMark" aria-hidden="true">
          <StateMark state={state} number={number} />
        </span>
        <span className="railText">
          <span className="railTitle">
            {number && <span className="railNumber">{number}</span>}
            {title}
          </span>
          <span className="railLesson">{lessonName}</span>
          <span className="visuallyHidden">{lacksPictures ? 'has no pictures to work on' : stateWords[state]}</span>
        </span>
        <span className="railWord numbers">{word}</span>
      </button>
    </li>
  );
});

function StateMark({ state, number }: { state: StepState; number: string }) {
  if (state === 'done') return <Check size={16} strokeWidth={2.5} />;
  if (state === 'failed') return <CircleAlert size={16} />;
  if (state === 'stopped') return <Square size={12} fill="currentColor" />;
  return <span className="railDot" data-number={number} />;
}

function RunAllSteps() {
  const actions = useActions();
  const { steps, isAllDone, whyNotById } = useSituation();
  const isRunning = useStudio((state) => state.runningStepId !== null);
  const isReplay = useStudio((state) => state.engine === 'replay');
  const [first] = steps;
  const whyOff = isReplay
    ? 'This is a recorded run; there is no engine behind it.'
    : isRunning
      ? 'A step is running.'
      : isAllDone
        ? 'All steps are done.'
        : ((first && whyNotById[first.id]) ?? null);
  return (
    <div className="railRun">
      <ActionButton onPress={() => void actions.runAllSteps()} whyOff={whyOff} testId="run-all-steps">
        Run all steps
      </ActionButton>
    </div>
  );
}
