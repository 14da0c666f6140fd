// Long lists in sentences.

const SHOWN = 3;

/** 'a, b, c and 7 more'. */
export function listSome(names: readonly string[]): string {
  const shown = names.slice(0, SHOWN).join(', ');
  return names.length > SHOWN ? `${shown} and ${names.length - SHOWN} more` : shown;
}
