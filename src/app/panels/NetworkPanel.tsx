// The networks that a step can begin with, side by side: what each brings and costs at the typed size, which suits this machine, and ways to
// bring one's own or to fetch public ones.

import { useEffect, useId, useRef, useState } from 'react';
import type { NetworkOffer } from '../../protocol/networks.ts';
import type { RecipeStep } from '../../protocol/recipe.ts';
import { CHECKPOINT_ENDINGS } from '../intake/checkpointFiles.ts';
import { findNetworkOption } from '../store/networkActions.ts';
import { readSettings } from '../store/optionValues.ts';
import { setOption, useSettings } from '../store/settings.ts';
import { trainsEverything } from '../store/stepKinds.ts';
import { currentRecipe, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { FileButton } from '../ui/FileButton.tsx';
import { formatBytes, formatCount, formatCountOf, formatPercent } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';
import { askLater } from './askLater.ts';
import { describeFetch, FetchFromHub } from './FetchFromHub.tsx';
import { OwnWeights } from './OwnWeights.tsx';

/** A size is typed digit by digit; only the last one is worth a count. */
const typingMs = 400;
/** Where the recipe trains nothing on pictures. */
const usualBatch = 64;

interface Asked {
  readonly imageSizePx: number;
  readonly batchSize: number;
}

export function NetworkPanel({ step, isRunning }: { step: RecipeStep; isRunning: boolean }) {
  const [isOpen, setIsOpen] = useState(false);
  const option = findNetworkOption(step);
  const isReplay = useStudio((state) => state.engine === 'replay');
  // It goes on while this is folded, and may fail there.
  const fetching = useStudio(({ hubFetch }) => hubFetch && describeFetch(hubFetch));
  const asked = useAsked(step);
  if (!option || isReplay) return null;
  return (
    <details
      className="settings networks"
      data-testid="networks"
      onToggle={(event) => setIsOpen(event.currentTarget.open)}
    >
      <summary>
        <span className="settingsWord">Networks</span>
        <span className="settingsSummary">{fetching ?? 'compare them, or bring your own weights'}</span>
      </summary>
      {isOpen && <Comparison stepId={step.id} option={option} asked={asked} isRunning={isRunning} />}
    </details>
  );
}

/** The step's picture size, and the batch with which the recipe would train all of the network. */
function useAsked(step: RecipeStep): Asked {
  const valuesByStep = useSettings((state) => state.valuesByStep);
  const recipe = useStudio(currentRecipe);
  const read = (of: RecipeStep | undefined, id: string) => {
    const value = of && readSettings(of.options, valuesByStep[of.id]).values[id];
    return typeof value === 'number' ? value : null;
  };
  const training = recipe?.steps.find(({ verb }) => trainsEverything(verb));
  return {
    imageSizePx: read(step, 'imageSizePx') ?? 224,
    batchSize: read(training, 'batchSize') ?? usualBatch,
  };
}

interface ComparisonProps {
  readonly stepId: string;
  readonly option: NonNullable<ReturnType<typeof findNetworkOption>>;
  readonly asked: Asked;
  readonly isRunning: boolean;
}

function Comparison({ stepId, option, asked, isRunning }: ComparisonProps) {
  const actions = useActions();
  const [measured, setMeasured] = useState(0);
  const [isMeasuring, setIsMeasuring] = useState(false);
  const offers = useOffers(asked, measured);
  const chosen = useSettings((state) => state.valuesByStep[stepId]?.[option.id]) ?? option.default;
  const group = useId();
  const isReady = useStudio((state) => state.engine === 'ready');
  const whyOff = isRunning ? 'A step is running. Wait for it, or stop it.' : isReady ? null : 'The engine is starting.';
  const list = useFocusOnChosen(offers);
  if (!offers) return <p className="muted">Counting what each network costs …</p>;
  const here = offers.filter(({ weightsId }) => weightsId !== null);
  const absent = offers.filter(({ weightsId }) => weightsId === null);

  async function measure(): Promise<void> {
    setIsMeasuring(true);
    if (await actions.measureSpeed()) setMeasured((times) => times + 1);
    setIsMeasuring(false);
  }

  return (
    <div className="networkComparison">
      <p className="muted">
        At {asked.imageSizePx} px and, for memory, a batch of {asked.batchSize}; those first that suit this machine.
      </p>
      <fieldset className="networkList" ref={list.ref}>
        <legend className="visuallyHidden">Network to begin with</legend>
        {here.map((offer) => (
          <div key={offer.weightsId} className="networkOffer" data-testid="network-offer">
            <label>
              <input
                type="radio"
                name={group}
                value={offer.weightsId ?? ''}
                checked={offer.weightsId === chosen}
                aria-disabled={isRunning}
                onChange={() => !isRunning && setOption(stepId, option.id, offer.weightsId ?? option.default)}
              />
              <OfferText offer={offer} />
            </label>
            {offer.own && <OwnWeights offer={offer} corrections={offer.own} whyOff={whyOff} />}
          </div>
        ))}
      </fieldset>
      <div className="actionRow">
        <ActionButton
          testId="measure-speed"
          whyOff={whyOff ?? (isMeasuring ? 'It is being measured.' : null)}
          onPress={() => void measure()}
        >
          {isMeasuring ? 'Measuring …' : 'Measure this machine (3 seconds)'}
        </ActionButton>
        <AddWeights whyOff={whyOff} />
      </div>
      {absent.length > 0 && (
        <details className="absentNetworks">
          <summary>{formatCountOf(absent.length, 'more network')} whose weights are not here</summary>
          <ul>
            {absent.map((offer) => (
              <li key={offer.architecture} className="networkOffer">
                <OfferText offer={offer} />
                {offer.publicFile && (
                  <FetchFromHub
                    offer={offer}
                    file={offer.publicFile}
                    whyOff={isReady ? null : 'The engine is starting.'}
                    onFetched={list.focusWhenShown}
                  />
                )}
              </li>
            ))}
          </ul>
        </details>
      )}
    </div>
  );
}

function OfferText({ offer }: { offer: NetworkOffer }) {
  const { label, parameterCount, multiplyAdds, sizeBytes, publishedTop1, memory, imagesPerSecond } = offer;
  const facts = [
    publishedTop1 === null ? null : `${formatPercent(publishedTop1)} on ImageNet`,
    `${shorten(parameterCount)} parameters`,
    `${shorten(multiplyAdds)} multiply-adds a picture`,
    sizeBytes === null ? null : `${formatBytes(sizeBytes)} to load`,
  ];
  const speed = imagesPerSecond && `features of ${formatRateOf(imagesPerSecond.features)} pictures a second`;
  const costs = [
    speed,
    memory.fits
      ? `training all of it takes ${memory.isCounted ? 'about' : 'roughly'} ${formatBytes(memory.bytes)}`
      : `training all of it would take ${formatBytes(memory.bytes)}, more than fits`,
    imagesPerSecond && `${formatRateOf(imagesPerSecond.training)} pictures a second`,
  ];
  const origin = [offer.licence, offer.source].filter((text) => text !== '').join(', ');
  return (
    <span className="offerText numbers">
      <strong>{label}</strong>
      <span>{facts.filter((fact) => fact).join(' · ')}</span>
      <span className={memory.fits ? undefined : 'muted'}>{costs.filter((cost) => cost).join(' · ')}</span>
      {offer.obstacle !== null && <span className="muted">{offer.obstacle}</span>}
      {origin !== '' && <span className="muted">{origin}</span>}
    </span>
  );
}

/** Chosen, or dropped anywhere on the page. */
function AddWeights({ whyOff }: { whyOff: string | null }) {
  const actions = useActions();
  return (
    <FileButton
      accept={CHECKPOINT_ENDINGS}
      inputTestId="weights-input"
      inputLabel="Choose a checkpoint"
      testId="add-weights"
      whyOff={whyOff}
      onChoose={([file]) => void actions.takeWeightsFile(file, file.name)}
    >
      Add a checkpoint
    </FileButton>
  );
}

/** Null until the engine has answered. */
function useOffers({ imageSizePx, batchSize }: Asked, measured: number): readonly NetworkOffer[] | null {
  const actions = useActions();
  const catalog = useStudio((state) => state.catalog);
  const dataset = useStudio((state) => state.dataset);
  const backend = useStudio((state) => state.backend);
  const [offers, setOffers] = useState<readonly NetworkOffer[] | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the engine's answer depends on all of these, though only two are sent.
  useEffect(() => {
    const ask = () => actions.compareNetworks(imageSizePx, batchSize);
    return askLater(typingMs, ask, (answer) => answer && setOffers(answer));
  }, [actions, imageSizePx, batchSize, catalog, dataset, backend, measured]);
  return offers;
}

/** What was fetched leaves the list where its button had the focus for the one of those that can be chosen: the focus goes with it. */
function useFocusOnChosen(offers: readonly NetworkOffer[] | null) {
  const ref = useRef<HTMLFieldSetElement>(null);
  const isWanted = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again whenever the list is another one.
  useEffect(() => {
    if (!isWanted.current || document.activeElement !== document.body) return;
    isWanted.current = false;
    ref.current?.querySelector<HTMLInputElement>('input:checked')?.focus();
  }, [offers]);
  return {
    ref,
    focusWhenShown: () => {
      isWanted.current = true;
    },
  };
}

const units = ['', ' thousand', ' million', ' billion'] as const;

/** '3.4 million', '21 million', '4.1 billion' */
function shorten(count: number): string {
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, count)) / 3));
  const value = count / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 9.95 ? 0 : 1)}${units[power]}`;
}

function formatRateOf(perSecond: number): string {
  if (perSecond < 0.1) return 'less than 0.1';
  return `about ${perSecond >= 10 ? formatCount(Math.round(perSecond)) : perSecond.toFixed(1)}`;
}
