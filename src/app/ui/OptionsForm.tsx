// Draws any OptionSpec[]: a field for each that plays a part, with its help and, when what was typed cannot be used, the range in a sentence.

import type { OptionSpec, SettingValue } from '../../protocol/recipe.ts';
import { describeRange, optionsInForce, readOption, readSettings, showOptionValue } from '../store/optionValues.ts';
import type { TypedValues } from '../store/settings.ts';

interface OptionsFormProps {
  readonly idPrefix: string;
  readonly options: readonly OptionSpec[];
  readonly typed: TypedValues | undefined;
  /** While the step runs its settings can be read but not changed. */
  readonly isOff: boolean;
  readonly onChange: (optionId: string, value: SettingValue) => void;
}

export function OptionsForm({ idPrefix, options, typed, isOff, onChange }: OptionsFormProps) {
  const { values } = readSettings(options, typed);
  return (
    <div className="optionsForm">
      {optionsInForce(options, values).map((spec) => (
        <OptionField
          key={spec.id}
          id={`${idPrefix}-${spec.id}`}
          spec={spec}
          typed={typed?.[spec.id]}
          isOff={isOff}
          onChange={(value) => !isOff && onChange(spec.id, value)}
        />
      ))}
    </div>
  );
}

interface OptionFieldProps {
  readonly id: string;
  readonly spec: OptionSpec;
  readonly typed: SettingValue | undefined;
  readonly isOff: boolean;
  readonly onChange: (value: SettingValue) => void;
}

function OptionField({ id, spec, typed, isOff, onChange }: OptionFieldProps) {
  const reading = readOption(spec, typed);
  const problem = reading.isValid ? null : reading.problem;
  const helpId = `${id}-help`;
  const shared = {
    id,
    'data-option-id': spec.id,
    'aria-describedby': helpId,
    'aria-invalid': problem !== null,
    'aria-disabled': isOff,
  };
  return (
    <div className="optionField">
      <label htmlFor={id}>
        {spec.label}
        {spec.kind === 'number' && spec.unit ? ` (${spec.unit})` : ''}
      </label>
      {spec.kind === 'choice' && (
        <select {...shared} value={String(typed ?? spec.default)} onChange={(event) => onChange(event.target.value)}>
          {spec.choices.map((choice) => (
            <option key={choice.value} value={choice.value}>
              {choice.label}
            </option>
          ))}
        </select>
      )}
      {spec.kind === 'toggle' && (
        <input
          {...shared}
          type="checkbox"
          checked={typed === undefined ? spec.default : typed === true}
          onChange={(event) => onChange(event.target.checked)}
        />
      )}
      {spec.kind === 'number' && (
        <input
          {...shared}
          type="text"
          readOnly={isOff}
          inputMode={spec.isInteger ? 'numeric' : 'decimal'}
          autoComplete="off"
          value={typeof typed === 'string' ? typed : showOptionValue(spec, typed ?? spec.default)}
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <p id={helpId} className={problem === null ? 'muted' : 'fieldProblem'} aria-live="polite">
        {isOff
          ? 'Off while the step runs.'
          : (problem ?? `${spec.help}${spec.kind === 'number' ? ` ${describeRange(spec)}` : ''}`)}
      </p>
    </div>
  );
}
