// The card of the weights that come with the studio, for tests that need one but load no values.

import type { UsedWeights } from '../platform/ports.ts';

export const LITE0_WEIGHTS: UsedWeights = {
  id: 'efficientnet-lite0',
  label: 'EfficientNet-Lite0',
  architecture: 'efficientnet-lite0',
  sha256: 'abc',
  preprocessing: { mean: [0.5, 0.5, 0.5], std: [0.25, 0.25, 0.25] },
};
