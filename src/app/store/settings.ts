// What the person chose: the place on the rail, setting values per step, seed, how the pictures are split, theme.
// Written by the person's own acts alone. Number fields are kept as typed, so that a half-typed number is not lost.

import { useStore } from 'zustand';
import { createStore } from 'zustand/vanilla';
import type { SplitOptions } from '../../protocol/dataset.ts';
import type { SettingValue } from '../../protocol/recipe.ts';

export type Theme = 'system' | 'light' | 'dark';

/** Values as typed, by option id. A missing one stands for the option's default. */
export type TypedValues = Readonly<Record<string, SettingValue>>;

/** `data`, a step's id, or `results`. */
export type Place = string;

export interface SettingsState {
  readonly place: Place;
  readonly valuesByStep: Readonly<Record<string, TypedValues>>;
  readonly seed: number;
  /** 0..1 */
  readonly validationShare: number;
  /** From 0, of the lesson's get_cv_idxs; null keeps a share of every class to check with. */
  readonly fold: number | null;
  /** Everything is learnt from and nothing validates; share and fold wait until this is undone. */
  readonly usesAll: boolean;
  readonly theme: Theme;
  /** The person asked for a notification when a long step ends in a hidden tab. */
  readonly notifiesWhenDone: boolean;
}

const themeKey = 'windowbox.theme';

function storedTheme(): Theme {
  try {
    const stored = localStorage.getItem(themeKey);
    return stored === 'light' || stored === 'dark' ? stored : 'system';
  } catch {
    return 'system';
  }
}

export function initialSettings(): SettingsState {
  return {
    place: 'data',
    valuesByStep: {},
    seed: 1,
    validationShare: 0.2,
    fold: null,
    usesAll: false,
    theme: storedTheme(),
    notifiesWhenDone: false,
  };
}

export const settingsStore = createStore<SettingsState>(initialSettings);

export function useSettings<Answer>(query: (state: SettingsState) => Answer): Answer {
  return useStore(settingsStore, query);
}

export function selectPlace(place: Place): void {
  settingsStore.setState({ place });
}

export function setOption(stepId: string, optionId: string, value: SettingValue): void {
  const { valuesByStep } = settingsStore.getState();
  settingsStore.setState({
    valuesByStep: { ...valuesByStep, [stepId]: { ...valuesByStep[stepId], [optionId]: value } },
  });
}

export function resetOptions(stepId: string): void {
  const { [stepId]: _dropped, ...valuesByStep } = settingsStore.getState().valuesByStep;
  settingsStore.setState({ valuesByStep });
}

export function setSeed(seed: number): void {
  settingsStore.setState({ seed });
}

export function setValidationShare(validationShare: number): void {
  settingsStore.setState({ validationShare });
}

/** Which pictures validate: those of a fold, a share of every class, or none. */
export type WhatValidates = Pick<SettingsState, 'fold' | 'usesAll'>;

export function setWhatValidates({ fold, usesAll }: WhatValidates): void {
  settingsStore.setState({ fold, usesAll });
}

/** Seed, share and what validates, as the engine takes them. */
export function splitOptions({ seed, validationShare, fold, usesAll }: SettingsState): SplitOptions {
  return { seed, validationShare, ...(fold === null ? {} : { fold }), ...(usesAll ? { usesAll } : {}) };
}

/** Until the page is closed. */
export function notifyWhenDone(notifiesWhenDone: boolean): void {
  settingsStore.setState({ notifiesWhenDone });
}

/** Sets the theme, shows it and remembers it in this browser. */
export function setTheme(theme: Theme): void {
  settingsStore.setState({ theme });
  showTheme(theme);
  try {
    if (theme === 'system') localStorage.removeItem(themeKey);
    else localStorage.setItem(themeKey, theme);
  } catch {
    // Storage can be forbidden; the theme then lasts until the page is closed.
  }
}

/** Puts the theme on the document; `system` leaves the choice to the operating system. */
export function showTheme(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
