// The setting for how pictures become the squares that a network sees, and the words for it.

import type { SquareRule } from '../../protocol/looks.ts';
import type { OptionSpec, SettingValues } from '../../protocol/recipe.ts';
import { choiceSetting } from './settings.ts';

const RULE_WORDS: Readonly<Record<SquareRule, { readonly choice: string; readonly said: string }>> = {
  centreSquare: { choice: 'cut the middle', said: '' },
  squashed: { choice: 'squash the whole picture', said: ', squashed whole to squares' },
};

/** For the step that chooses the network. */
export const SQUARE_OPTION: OptionSpec = {
  kind: 'choice',
  id: 'square',
  label: 'How pictures become square',
  help: 'Cut keeps shapes and loses what lies at the ends; squashed loses nothing and shows everything narrower or flatter. Training, validation and every later look follow it.',
  default: 'centreSquare' satisfies SquareRule,
  choices: Object.entries(RULE_WORDS).map(([value, { choice }]) => ({ value, label: choice })),
};

export function squareSetting(settings: SettingValues): SquareRule {
  // The setting was checked against its choices, which are the rules.
  return choiceSetting(settings, SQUARE_OPTION.id) as SquareRule;
}

/** "224 px" or "224 px, squashed whole to squares": how a sentence says what a network sees. */
export function describeInput(imageSizePx: number, square: SquareRule): string {
  return `${imageSizePx} px${RULE_WORDS[square].said}`;
}
