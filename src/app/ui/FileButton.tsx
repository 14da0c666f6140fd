// A button in front of the browser's own file input, which cannot be drawn otherwise: for one file, or for a folder.

import { type ReactNode, useRef } from 'react';
import { ActionButton } from './ActionButton.tsx';

interface FileButtonProps {
  readonly children: ReactNode;
  /** What the input is called where it is driven without the button. */
  readonly inputLabel: string;
  readonly inputTestId: string;
  readonly inputId?: string;
  /** Endings, as the input's `accept` takes them; a folder where it is left out. */
  readonly accept?: string;
  readonly whyOff?: string | null;
  readonly isPrimary?: boolean;
  readonly testId?: string;
  /** Not called for an empty choice. The same choice may be made again. */
  readonly onChoose: (files: readonly [File, ...File[]]) => void;
}

/** React's types do not know the attribute that makes a file input choose folders. */
const folderOnly = { webkitdirectory: '', multiple: true };

export function FileButton(props: FileButtonProps) {
  const {
    children,
    inputLabel,
    inputTestId,
    inputId,
    accept,
    whyOff = null,
    isPrimary = false,
    testId,
    onChoose,
  } = props;
  const input = useRef<HTMLInputElement>(null);
  return (
    <span className="folderInput">
      <input
        ref={input}
        id={inputId}
        type="file"
        {...(accept === undefined ? folderOnly : { accept })}
        data-testid={inputTestId}
        aria-label={inputLabel}
        tabIndex={-1}
        className="visuallyHidden"
        onChange={(event) => {
          const [first, ...others] = Array.from(event.target.files ?? []);
          event.target.value = '';
          if (first) onChoose([first, ...others]);
        }}
      />
      <ActionButton
        isPrimary={isPrimary}
        whyOff={whyOff}
        {...(testId !== undefined && { testId })}
        onPress={() => input.current?.click()}
      >
        {children}
      </ActionButton>
    </span>
  );
}
