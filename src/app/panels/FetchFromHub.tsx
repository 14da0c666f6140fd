// A network's public weights from a hub: what would be contacted and asked for is said first, and nothing is requested before “Fetch it”.

import { useEffect, useId, useRef, useState } from 'react';
import type { NetworkOffer } from '../../protocol/networks.ts';
import { parseHub, readHub, usualHub } from '../store/hubAddress.ts';
import { type HubFetch, useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatBytes, formatPercent } from '../ui/formatNumbers.ts';
import { useActions } from './actionsContext.ts';

const bytesPerParameter = 4;

interface FetchFromHubProps {
  readonly offer: NetworkOffer;
  readonly file: NonNullable<NetworkOffer['publicFile']>;
  readonly whyOff: string | null;
  readonly onFetched: () => void;
}

/** A button; the form that it opens; the download. Each takes the place of the one before, and its focus. */
export function FetchFromHub({ offer, file, whyOff, onFetched }: FetchFromHubProps) {
  const actions = useActions();
  const [isAsking, setIsAsking] = useState(false);
  const hubFetch = useStudio((state) => state.hubFetch);
  const own = hubFetch?.architecture === offer.architecture ? hubFetch : null;
  const isUnderWay = own !== null && own.problem === null;
  const isOther = hubFetch !== null && hubFetch.problem === null && !isUnderWay;
  const whyNot = whyOff ?? (isOther ? `${hubFetch.label} is being fetched. Wait for it, or stop it.` : null);
  const shown = isUnderWay ? 'download' : isAsking || own ? 'form' : 'button';
  const place = useFocusKept(shown);

  async function fetchNow(address: string): Promise<void> {
    setIsAsking(true);
    const isFetched = await actions.fetchWeights(offer, address);
    if (!isFetched) return;
    setIsAsking(false);
    onFetched();
  }

  function close(): void {
    setIsAsking(false);
    actions.dismissFetch();
  }

  return (
    <div className="hubFetch" ref={place}>
      {shown === 'button' && (
        <ActionButton testId="ask-hub" whyOff={whyNot} onPress={() => setIsAsking(true)}>
          Fetch from the hub …<span className="visuallyHidden"> {offer.label}</span>
        </ActionButton>
      )}
      {shown === 'form' && (
        <HubForm
          offer={offer}
          file={file}
          whyOff={whyNot}
          problem={own?.problem ?? null}
          onFetch={(address) => void fetchNow(address)}
          onClose={close}
        />
      )}
      {isUnderWay && <Download hubFetch={own} onStop={actions.stopFetching} />}
    </div>
  );
}

interface HubFormProps extends Pick<FetchFromHubProps, 'offer' | 'file' | 'whyOff'> {
  readonly problem: string | null;
  readonly onFetch: (address: string) => void;
  readonly onClose: () => void;
}

function HubForm({ offer, file, whyOff, problem, onFetch, onClose }: HubFormProps) {
  const id = useId();
  const [typed, setTyped] = useState(readHub);
  const hub = parseHub(typed);
  const whyNoAddress = hub ? null : `An address that begins with https://, such as ${usualHub}`;
  return (
    <section
      className="hubForm"
      data-testid="hub-form"
      data-takes-focus
      tabIndex={-1}
      aria-labelledby={`${id}-title`}
      aria-describedby={`${id}-what`}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <h3 id={`${id}-title`}>Fetch {offer.label} from the hub</h3>
      <p id={`${id}-what`}>
        “Fetch it” asks <strong data-testid="hub-host">{hub?.host ?? '…'}</strong>, and then the server that it sends
        its files from, for {file.fileName} of {file.repository}, about{' '}
        {formatBytes(bytesPerParameter * offer.parameterCount)}. Nothing of yours is sent; whoever runs these servers
        sees that this file was asked for from your address. Its size and checksum are checked, and it is kept in this
        browser, where you can take it away again. Licence: {offer.licence}.
      </p>
      <div className="optionField">
        <label htmlFor={`${id}-hub`}>Address of the hub, or of a mirror</label>
        <input
          id={`${id}-hub`}
          type="text"
          inputMode="url"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          data-testid="hub-address"
          aria-invalid={hub === null}
          aria-describedby={`${id}-help`}
          onChange={(event) => setTyped(event.target.value)}
        />
        <p id={`${id}-help`} className={hub ? 'muted' : 'fieldProblem'} aria-live="polite">
          {whyNoAddress ??
            'A mirror has to let other pages read what it has (CORS), and whoever serves this studio names it in WINDOWBOX_HUBS.'}
        </p>
      </div>
      {problem !== null && (
        <p className="fieldProblem" role="alert" data-testid="hub-problem">
          {problem}
        </p>
      )}
      <div className="actionRow">
        <ActionButton testId="fetch-weights" whyOff={whyOff ?? whyNoAddress} onPress={() => onFetch(typed.trim())}>
          Fetch it
        </ActionButton>
        <ActionButton testId="close-hub" onPress={onClose}>
          Not now
        </ActionButton>
      </div>
    </section>
  );
}

function Download({ hubFetch, onStop }: { hubFetch: HubFetch; onStop: () => void }) {
  const { bytes, isStopping, label } = hubFetch;
  const fraction = bytes ? bytes.done / bytes.total : 0;
  return (
    <section className="hubForm" data-testid="hub-download" aria-label={`Fetching ${label}`}>
      <p className="numbers">
        {bytes ? `${formatBytes(bytes.done)} of ${formatBytes(bytes.total)}` : 'Asking the hub …'}
      </p>
      <div
        className="bar"
        role="progressbar"
        aria-label={`Fetching ${label}`}
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.floor(fraction * 100)}
      >
        <span style={{ transform: `scaleX(${fraction})` }} />
      </div>
      <ActionButton testId="stop-fetch" whyOff={isStopping ? 'It is being stopped.' : null} onPress={onStop}>
        Stop<span className="visuallyHidden"> fetching {label}</span>
      </ActionButton>
    </section>
  );
}

/** For where there is room for a few words only. */
export function describeFetch({ label, bytes, problem }: HubFetch): string {
  if (problem !== null) return `${label} could not be fetched`;
  return `fetching ${label}, ${formatPercent(bytes ? bytes.done / bytes.total : 0, 0)}`;
}

/** Where what had the focus makes room for something else, that takes it: nobody is thrown back to the top of the page. */
function useFocusKept(shown: string) {
  const place = useRef<HTMLDivElement>(null);
  const before = useRef(shown);
  useEffect(() => {
    if (before.current === shown) return;
    before.current = shown;
    if (document.activeElement !== document.body) return;
    place.current?.querySelector<HTMLElement>('[data-takes-focus], button')?.focus({ preventScroll: true });
  }, [shown]);
  return place;
}
