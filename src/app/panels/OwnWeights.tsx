// What a person may do with weights of their own: say what their file does not, and take them away again.

import { useId } from 'react';
import type { NetworkOffer, WeightsCorrections } from '../../protocol/networks.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { useActions } from './actionsContext.ts';

interface OwnWeightsProps {
  readonly offer: NetworkOffer;
  readonly corrections: WeightsCorrections;
  readonly whyOff: string | null;
}

export function OwnWeights({ offer, corrections, whyOff }: OwnWeightsProps) {
  const actions = useActions();
  const { weightsId } = offer;
  const { architecture, feeding, architectures, feedings } = corrections;
  if (weightsId === null) return null;
  const correct = (change: { architecture?: string; feeding?: string }) => {
    const correction = { architecture, feeding: feeding ?? feedings[0]?.id ?? '', ...change };
    if (whyOff === null) void actions.correctWeights(weightsId, correction);
  };
  return (
    <>
      <ActionButton testId="remove-weights" whyOff={whyOff} onPress={() => void actions.removeWeights(weightsId)}>
        Take away<span className="visuallyHidden"> {offer.label}</span>
      </ActionButton>
      <details className="ownWeights">
        <summary>What its file does not say</summary>
        {architectures.length > 1 && (
          <Choice
            label="Network"
            help="Their tensors have the same names and shapes, so that no file tells them apart."
            choices={architectures}
            value={architecture}
            whyOff={whyOff}
            onChoose={(id) => correct({ architecture: id })}
          />
        )}
        <Choice
          label="Pictures were fed as"
          help="What the weights’ own training did to pixels. Results are poor where this is wrong; run step 1 again after a change."
          choices={feeding === null ? [{ id: '', label: 'another way' }, ...feedings] : feedings}
          value={feeding ?? ''}
          whyOff={whyOff}
          onChoose={(id) => id !== '' && correct({ feeding: id })}
        />
      </details>
    </>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly help: string;
  readonly choices: readonly { readonly id: string; readonly label: string }[];
  readonly value: string;
  readonly whyOff: string | null;
  readonly onChoose: (id: string) => void;
}

function Choice({ label, help, choices, value, whyOff, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="optionField">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={`${id}-help`}
        aria-disabled={whyOff !== null}
        onChange={(event) => onChoose(event.target.value)}
      >
        {choices.map((choice) => (
          <option key={choice.id} value={choice.id}>
            {choice.label}
          </option>
        ))}
      </select>
      <p id={`${id}-help`} className="muted">
        {whyOff ?? help}
      </p>
    </div>
  );
}
