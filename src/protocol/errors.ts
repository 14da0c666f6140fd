// The errors that cross the worker boundary: a code for searching and a sentence for the person.
// The sentence says what happened, what was kept and what to do; nobody rewrites it on the way.

export type EngineErrorCode =
  | 'cancelled'
  | 'busy'
  | 'datasetEmpty'
  | 'datasetLayout'
  | 'pictureUnreadable'
  | 'pictureUnsupported'
  | 'preconditionMissing'
  | 'settingInvalid'
  | 'weightsUnavailable'
  | 'weightsDamaged'
  | 'storageFull'
  | 'storageFailed'
  | 'checkpointDamaged'
  | 'backendUnavailable'
  | 'outOfMemory'
  | 'deviceLost'
  | 'lossNotFinite'
  | 'internal';

/** The structured-cloneable form of an error. */
export interface EngineErrorData {
  readonly code: EngineErrorCode;
  readonly sentence: string;
}

/** An error whose message is a sentence that can be shown to a person as it is. */
export class EngineError extends Error {
  readonly code: EngineErrorCode;

  constructor(code: EngineErrorCode, sentence: string, options?: { cause?: unknown }) {
    super(sentence, options);
    this.name = 'EngineError';
    this.code = code;
  }
}

/** Turns anything thrown into data for the other side; an unexpected error keeps its own message. */
export function toEngineErrorData(thrown: unknown): EngineErrorData {
  if (thrown instanceof EngineError) return { code: thrown.code, sentence: thrown.message };
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return {
    code: 'internal',
    sentence: `Something went wrong inside the studio (${message}). Your pictures are untouched. Reload the page and run the step again.`,
  };
}
