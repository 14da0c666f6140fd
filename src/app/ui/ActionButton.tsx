// A button that can be off and then says why: it stays focusable, and the reason shows on hover and focus and is read out.

import { type ReactNode, useId } from 'react';

interface ActionButtonProps {
  readonly onPress: () => void;
  readonly children: ReactNode;
  /** Null when the button works. */
  readonly whyOff?: string | null;
  readonly isPrimary?: boolean;
  readonly testId?: string;
  readonly data?: Readonly<Record<`data-${string}`, string>>;
}

export function ActionButton({ onPress, children, whyOff = null, isPrimary = false, testId, data }: ActionButtonProps) {
  const reasonId = useId();
  const isOff = whyOff !== null;
  return (
    <span className="actionButton">
      <button
        type="button"
        className={isPrimary ? 'primary' : 'secondary'}
        data-testid={testId}
        {...data}
        aria-disabled={isOff}
        aria-describedby={isOff ? reasonId : undefined}
        onClick={() => {
          if (!isOff) onPress();
        }}
      >
        {children}
      </button>
      {isOff && (
        <span id={reasonId} role="tooltip" className="whyOff">
          {whyOff}
        </span>
      )}
    </span>
  );
}
