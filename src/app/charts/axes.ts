// Ticks that a person would have chosen: powers of ten on a log axis, round steps on a linear one.

/** @returns the powers of ten from `low` to `high`, both included when they are powers themselves. */
export function powersOfTen(low: number, high: number): readonly number[] {
  const ticks: number[] = [];
  for (let exponent = Math.ceil(Math.log10(low) - 1e-9); exponent <= Math.log10(high) + 1e-9; exponent++) {
    ticks.push(Number(`1e${exponent}`));
  }
  return ticks;
}

/** @returns round ticks from at or below `low` to at or above `high`, about `count` of them. */
export function roundTicks(low: number, high: number, count = 5): readonly number[] {
  const span = high - low || Math.abs(high) || 1;
  const roughStep = span / count;
  const magnitude = 10 ** Math.floor(Math.log10(roughStep));
  const step = magnitude * ([1, 2, 5, 10].find((factor) => factor * magnitude >= roughStep * 0.999) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: Math.max(1, last - first) + 1 }, (_, index) =>
    Number(((first + index) * step).toPrecision(12)),
  );
}

/** Ticks for a count axis from 0: whole numbers that do not pass `high`. */
export function countTicks(high: number, count = 6): readonly number[] {
  const ticks = roundTicks(0, Math.max(1, high), count).filter((tick) => Number.isInteger(tick) && tick <= high);
  return ticks.length > 0 ? ticks : [0];
}
