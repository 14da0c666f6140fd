// Sizes in the engine's own sentences.

const SIZE_UNITS = ['bytes', 'kB', 'MB', 'GB'] as const;

/** In decimal units, as the page writes sizes: '812 bytes', '5.4 MB', '54 MB'. */
export function formatSize(sizeBytes: number): string {
  // 999.5 would be written as 1000.
  const steps = SIZE_UNITS.findIndex((_, power) => sizeBytes / 1000 ** power < 999.5);
  const power = steps === -1 ? SIZE_UNITS.length - 1 : steps;
  const value = sizeBytes / 1000 ** power;
  return `${value.toFixed(power === 0 || value >= 9.95 ? 0 : 1)} ${SIZE_UNITS[power]}`;
}
