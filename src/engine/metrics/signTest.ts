// Whether one way of judging is better than another on the same items, or lucky: the sign test on the items that they judge
// differently, McNemar's test in its exact form. Those that both get right, or both wrong, say nothing about the difference.

/**
 * The chance that two ways of equal worth differ as much as this or more, either way: 0..1, 1 where none differs.
 * @param gained items that only the second gets right; @param lost that only the first does.
 */
export function signTest(gained: number, lost: number): number {
  const count = gained + lost;
  // Binomial(count, 1 / 2) from its lower end, by logarithms: 2 ** -count is 0 from 1,075 on.
  let logTerm = -count * Math.LN2;
  let tail = 0;
  for (let drawn = 0; drawn <= Math.min(gained, lost); drawn++) {
    tail += Math.exp(logTerm);
    logTerm += Math.log((count - drawn) / (drawn + 1));
  }
  return Math.min(1, 2 * tail);
}
