// The sheet of keys, opened with `?`.

import { useEffect, useRef } from 'react';

const keys: readonly (readonly [string, string])[] = [
  ['?', 'Show this sheet'],
  ['↑ ↓', 'Walk the recipe, when it has the focus'],
  ['← ↑ → ↓', 'Walk a grid of pictures'],
  ['J  K', 'Next and previous picture'],
  ['Home  End', 'First and last picture'],
  ['Enter', 'Open a picture large'],
  ['← →', 'Read a chart’s values, when it has the focus'],
  ['Esc', 'Close'],
];

export function KeysHelp({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} className="keysHelp" aria-labelledby="keys-title" onClose={onClose}>
      <h2 id="keys-title">Keys</h2>
      <dl>
        {keys.map(([key, meaning]) => (
          <div key={meaning}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <p className="muted">
        Windowbox follows the second lesson of the fast.ai course of 2018. Every step names its place in that lesson
        under its title.
      </p>
      <button type="button" className="secondary" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
