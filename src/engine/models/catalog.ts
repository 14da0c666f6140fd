// Every network family the studio knows. To add one: its file, a line here, its weights and a parity fixture.

import { EngineError } from '../../protocol/errors.ts';
import type { Architecture } from './architecture.ts';
import { efficientNetLite0 } from './efficientNetLite.ts';

export const ARCHITECTURES: readonly Architecture[] = [efficientNetLite0];

/** Throws EngineError 'settingInvalid' for an unknown id. */
export function findArchitecture(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (found) return found;
  const known = ARCHITECTURES.map((architecture) => architecture.id).join(', ');
  throw new EngineError('settingInvalid', `There is no network called “${id}” here. Choose one of: ${known}.`);
}
