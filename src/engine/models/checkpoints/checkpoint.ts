// What a file of trained weights holds once it is read, whatever its format; and how a file is refused. Nothing in here
// knows a network: which one it is, recogniseNetwork says.

import { EngineError } from '../../../protocol/errors.ts';
import type { StoredDtype } from '../weights/storedNumbers.ts';

export interface CheckpointTensor {
  readonly dtype: StoredDtype;
  /** PyTorch's order of axes: kernels [out, in / groups, height, width], linear weights [out, in]. */
  readonly shape: readonly number[];
  /**
   * As 32-bit floats in row-major order, made when they are asked for: a view of the file where it can be, never to be
   * written to. Throws EngineError 'weightsDamaged' where the bytes are not what the file's checksum says.
   */
  readonly values: Float32Array;
}

export interface Checkpoint {
  readonly format: 'safetensors' | 'torchZip' | 'torchLegacy';
  /** By the names of the file, in its order; wrappers such as {'state_dict': ...} and `module.` are taken off. */
  readonly tensors: ReadonlyMap<string, CheckpointTensor>;
  /** Texts beside the tensors: safetensors' __metadata__, or texts at the top of a dictionary ({'arch': 'resnet34'}). */
  readonly metadata: ReadonlyMap<string, string>;
  /** Sentences on what was chosen or left out while reading. */
  readonly notes: readonly string[];
}

/** What to do about a file that is not a plain state dict. */
export const HOW_TO_SAVE = 'Save the weights alone with torch.save(model.state_dict(), ‘file.pth’) and drop that file.';

const LONGEST_QUOTE = 80;

/** Words of a file in a sentence: of bounded length and without control characters. */
export function quote(text: string): string {
  const visible = text.slice(0, LONGEST_QUOTE).replace(/\p{C}/gu, '?');
  return `“${visible}${text.length > LONGEST_QUOTE ? '…' : ''}”`;
}

/** @param what goes on after 'This file cannot be used: '; @param advice what the person can do. */
export function refuseCheckpoint(what: string, advice: string = HOW_TO_SAVE): EngineError {
  return new EngineError('weightsDamaged', `This file cannot be used: ${what}. Nothing was loaded. ${advice}`);
}

/** Advice where the bytes contradict each other. */
export const FETCH_AGAIN = 'It may have been cut off or changed on its way here: fetch it again.';
