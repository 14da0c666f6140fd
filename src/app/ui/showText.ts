// Names of files and classes as they are shown: they come from strangers, and some characters move or hide what stands beside them.
// Only what is shown is changed; the name itself stays.

/**
 * Control characters, marks that turn the direction of the text after them, characters without width, line and paragraph
 * separators. Marks inside words of right-to-left scripts and emoji (U+200C, U+200D) stay: they belong to the writing.
 */
const HIDDEN = /[\p{Cc}\u061c\u200b\u200e\u200f\u202a-\u202e\u2028\u2029\u2060-\u2069\ufeff]/gu;

/** Each hidden character becomes the sign of a character that cannot be shown. */
export function showText(text: string): string {
  return text.replace(HIDDEN, '\ufffd');
}
