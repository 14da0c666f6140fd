// One picture, eight looks: what a step's settings make of its pictures, drawn by the code that trains. Follows what is typed; folds
// away once the step has run.

import { useEffect, useState } from 'react';
import type { AugmentationPreview, SquareRule } from '../../protocol/looks.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { latestRun, useEventLog } from '../store/eventLog.ts';
import { optionsInForce, readSettings } from '../store/optionValues.ts';
import { useSettings } from '../store/settings.ts';
import { currentRecipe, type StudioState, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { PixelCanvas } from '../ui/PixelCanvas.tsx';
import { useActions } from './actionsContext.ts';

const lookCount = 8;
/** A number is typed in a few key presses; looks are drawn when it rests. */
const restMs = 250;

const squareWords: Readonly<Record<SquareRule, string>> = {
  centreSquare: 'cut to squares',
  squashed: 'squashed whole to squares',
};

export function LooksPreview({ step }: { readonly step: RecipeStep }) {
  const [pictureNumber, setPictureNumber] = useState(0);
  const [drawNumber, setDrawNumber] = useState(0);
  const [chosen, setChosen] = useState<boolean | null>(null);
  const hasRun = useEventLog((log) => latestRun(log, step.id) !== undefined);
  const isOpen = chosen ?? !hasRun;
  const whyOff = useStudio((studio) => findWhyOff(studio, step));
  const { preview, sentence } = useLooks(step, { pictureNumber, drawNumber, isOn: isOpen && whyOff === null });
  return (
    <details data-testid="looks" className="settings looks" open={isOpen}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: a summary is a control. */}
      <summary
        onClick={(event) => {
          event.preventDefault();
          setChosen(!isOpen);
        }}
      >
        <span className="settingsWord">One picture, eight looks</span>
        <span className="settingsSummary">as these settings show it</span>
      </summary>
      {preview && <Looks preview={preview} />}
      {(whyOff ?? sentence) !== null && (
        <p className="muted" role="status">
          {whyOff ?? sentence}
        </p>
      )}
      <div className="actionRow">
        <ActionButton testId="another-picture" whyOff={whyOff} onPress={() => setPictureNumber(pictureNumber + 1)}>
          Another picture
        </ActionButton>
        <ActionButton testId="other-looks" whyOff={whyOff} onPress={() => setDrawNumber(drawNumber + 1)}>
          Other looks
        </ActionButton>
      </div>
    </details>
  );
}

function findWhyOff(studio: StudioState, step: RecipeStep): string | null {
  if (studio.engine === 'replay') return 'This is a recorded run; there is no engine behind it.';
  if (studio.engine !== 'ready') return 'The training engine is not started.';
  if (!studio.dataset) return 'Open a folder of pictures first.';
  if (studio.runningStepId === null) return null;
  const running = currentRecipe(studio)?.steps.find(({ id }) => id === studio.runningStepId);
  const name = running && running.id !== step.id ? `Step ${running.number}` : 'The step';
  return `${name} is running. Looks are drawn again when it ends.`;
}

interface LooksWanted {
  readonly pictureNumber: number;
  readonly drawNumber: number;
  /** What is shown stays while it is off. */
  readonly isOn: boolean;
}

interface LooksAnswer {
  readonly preview: AugmentationPreview | null;
  /** Why there is nothing newer to show; null when there is. */
  readonly sentence: string | null;
}

function useLooks(step: RecipeStep, { pictureNumber, drawNumber, isOn }: LooksWanted): LooksAnswer {
  const actions = useActions();
  const seed = useSettings((settings) => settings.seed) + drawNumber;
  const dataset = useStudio((studio) => studio.dataset);
  const networkCount = useEventLog((log) => log.networkInputs.length);
  const [answer, setAnswer] = useState<LooksAnswer>({ preview: null, sentence: null });
  const typed = useSettings((settings) => settings.valuesByStep[step.id]);
  const { values, problems } = readSettings(step.options, typed);
  const options = optionsInForce(step.options, values).filter(({ changesLooks }) => changesLooks);
  const [problem] = options.flatMap(({ id, label }) =>
    problems[id] === undefined ? [] : [`${label}: ${problems[id]}`],
  );
  const isUsable = problem === undefined;
  const key = JSON.stringify(options.map(({ id }) => values[id]));
  // biome-ignore lint/correctness/useExhaustiveDependencies: values, data set and network are not handed over, but the answer hangs on them.
  useEffect(() => {
    if (!isOn || !isUsable) return;
    let isOutdated = false;
    const timer = setTimeout(async () => {
      const found = await actions.previewLooks(step.id, { pictureNumber, seed, lookCount });
      if (isOutdated) return;
      if (typeof found === 'string') setAnswer({ preview: null, sentence: found });
      else setAnswer({ preview: found, sentence: null });
    }, restMs);
    return () => {
      isOutdated = true;
      clearTimeout(timer);
    };
  }, [actions, step.id, key, isOn, isUsable, pictureNumber, seed, dataset, networkCount]);
  return isUsable ? answer : { ...answer, sentence: problem };
}

function Looks({ preview: { pictureId, sizePx, square, plain, looks } }: { readonly preview: AugmentationPreview }) {
  const path = useStudio((studio) => studio.dataset?.pictures.find(({ id }) => id === pictureId)?.path);
  return (
    <>
      <div className="looksGrid">
        <figure className="plainLook">
          <PixelCanvas pixels={plain} sizePx={sizePx} description={`${path}, as validation sees it`} />
          <figcaption className="muted">as validation sees it</figcaption>
        </figure>
        {looks.map((pixels, index) => (
          <PixelCanvas
            // biome-ignore lint/suspicious/noArrayIndexKey: looks have no name but their place.
            key={index}
            pixels={pixels}
            sizePx={sizePx}
            description={`Changed look ${index + 1} of ${looks.length}`}
          />
        ))}
      </div>
      <p className="looksCaption muted numbers" aria-live="polite">
        {path} · {sizePx} px · {squareWords[square]}
      </p>
    </>
  );
}
