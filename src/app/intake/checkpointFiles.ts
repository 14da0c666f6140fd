// Files of weights, by their names only: the engine reads what is in them.

const ENDINGS = ['.safetensors', '.pth', '.pt', '.bin'] as const;

/** For a file input's `accept`. */
export const CHECKPOINT_ENDINGS = ENDINGS.join(',');

export function isCheckpointName(path: string): boolean {
  return ENDINGS.some((ending) => path.toLowerCase().endsWith(ending));
}
