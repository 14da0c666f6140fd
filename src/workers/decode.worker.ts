// A member of the decoder pool: file in, size or resized pixels out, pixels transferred.

import {
  decodeCentreSquare,
  decodeSquashed,
  decodeWhole,
  measurePicture,
} from '../engine/platform/browser/decodePicture.ts';
import type { DecodeReply, DecodeRequest } from '../engine/platform/browser/decoderPool.ts';
import { toEngineErrorData } from '../protocol/errors.ts';

const decoders = { whole: decodeWhole, squashed: decodeSquashed, centreSquare: decodeCentreSquare };

self.addEventListener('message', async ({ data }: MessageEvent<DecodeRequest>) => {
  const { id } = data;
  try {
    if (data.kind === 'measure') reply({ id, ok: true, value: await measurePicture(data.file) });
    else {
      const value = await decoders[data.kind](data.file, data.sizePx);
      reply({ id, ok: true, value }, [value.rgb.buffer]);
    }
  } catch (thrown) {
    reply({ id, ok: false, error: toEngineErrorData(thrown) });
  }
});

function reply(message: DecodeReply, transfer: Transferable[] = []): void {
  self.postMessage(message, { transfer });
}
