/**
 * Asks after a pause, for what is typed digit by digit; whatever comes back is taken unless it was called off meanwhile.
 * @param ask does not reject
 * @returns calls it off
 */
export function askLater<Answer>(
  waitMs: number,
  ask: () => Promise<Answer>,
  take: (answer: Answer) => void,
): () => void {
  let isWanted = true;
  const timer = setTimeout(async () => {
    const answer = await ask();
    if (isWanted) take(answer);
  }, waitMs);
  return () => {
    isWanted = false;
    clearTimeout(timer);
  };
}
