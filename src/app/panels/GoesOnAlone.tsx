// A training that was left alone overnight does not wait for a press until the morning: a step that broke goes on by itself after a
// minute, unless somebody touches the page.

import { useEffect, useRef, useState } from 'react';

/** Long enough for a person who sits there to read the sentence, and for a card to come back from a reset. */
const ALONE_SECONDS = 60;

const SIGNS_OF_SOMEBODY = ['pointerdown', 'keydown', 'wheel'] as const;

export function GoesOnAlone({ goOn }: { readonly goOn: () => void }) {
  const [secondsLeft, setSecondsLeft] = useState(ALONE_SECONDS);
  const [isSomebodyThere, setIsSomebodyThere] = useState(false);
  const latest = useRef(goOn);
  latest.current = goOn;

  useEffect(() => {
    if (isSomebodyThere) return;
    // By the clock: the timers of a hidden tab come late.
    const endMs = Date.now() + ALONE_SECONDS * 1000;
    const timer = setInterval(() => {
      const left = Math.ceil((endMs - Date.now()) / 1000);
      setSecondsLeft(Math.max(left, 0));
      if (left > 0) return;
      clearInterval(timer);
      latest.current();
    }, 1000);
    const stay = () => setIsSomebodyThere(true);
    for (const sign of SIGNS_OF_SOMEBODY) window.addEventListener(sign, stay, { once: true });
    return () => {
      clearInterval(timer);
      for (const sign of SIGNS_OF_SOMEBODY) window.removeEventListener(sign, stay);
    };
  }, [isSomebodyThere]);

  if (isSomebodyThere) return <p>It waits for you.</p>;
  return (
    <p data-testid="goes-on-alone">
      {/* The alert is read out once, and not again with every second. */}
      Goes on by itself in {ALONE_SECONDS} seconds, unless you press a key or click anywhere
      <span aria-hidden="true"> ({secondsLeft} left)</span>.
    </p>
  );
}
