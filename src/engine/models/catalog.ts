// Every network that is known here. To add one: its row in a family's table (or its family's file and a line here), a
// parity fixture. A person can choose it as soon as weights of it are there.

import { EngineError } from '../../protocol/errors.ts';
import type { Architecture } from './architecture.ts';
import { EFFICIENT_NET_LITES } from './efficientNetLite.ts';
import { mobileNetV2 } from './mobileNetV2.ts';
import { RESNETS } from './resnet.ts';

/** scripts/parity/networks.py builds the same ones, under the same ids, in PyTorch. */
export const ARCHITECTURES: readonly Architecture[] = [...RESNETS, mobileNetV2, ...EFFICIENT_NET_LITES];

/** Throws EngineError 'settingInvalid' for an id that no network has. */
export function findArchitecture(id: string): Architecture {
  const found = ARCHITECTURES.find((architecture) => architecture.id === id);
  if (found) return found;
  const known = ARCHITECTURES.map((architecture) => architecture.id).join(', ');
  throw new EngineError('settingInvalid', `There is no network called “${id}” here. Choose one of: ${known}.`);
}
