// What would be lost with the page: what is trained so far, and models kept in the page, as far as no file and no browser keeps them.

/** Every state of what is trained has a number of its own; a model that is kept has the number of the state that it is of. */
export interface UnsavedWork {
  /** Null before anything is trained. */
  readonly current: number | null;
  /** By name. */
  readonly kept: Readonly<Record<string, number>>;
  readonly inFiles: readonly number[];
  readonly next: number;
}

export const NO_WORK: UnsavedWork = { current: null, kept: {}, inFiles: [], next: 1 };

/** What is trained so far is another than before; null for other pictures, for which nothing is trained yet. */
export function withTrained(work: UnsavedWork, name: string | null): UnsavedWork {
  return name === null ? { ...work, current: null } : { ...work, current: work.next, next: work.next + 1 };
}

/** What is trained so far was written to a file or came from one, or the browser keeps it for the next page. */
export function withFile(work: UnsavedWork): UnsavedWork {
  return work.current === null ? work : { ...work, inFiles: [...work.inFiles, work.current] };
}

export function withKept(work: UnsavedWork, name: string): UnsavedWork {
  return work.current === null ? work : { ...work, kept: { ...work.kept, [name]: work.current } };
}

export function withoutKept(work: UnsavedWork, name: string): UnsavedWork {
  const { [name]: _forgotten, ...kept } = work.kept;
  return { ...work, kept };
}

/** A kept model is what is trained so far, again. */
export function withOpenedKept(work: UnsavedWork, name: string): UnsavedWork {
  return { ...work, current: work.kept[name] ?? work.current };
}

export function isUnsaved({ current, kept, inFiles }: UnsavedWork): boolean {
  return [current, ...Object.values(kept)].some((one) => one !== null && !inFiles.includes(one));
}
