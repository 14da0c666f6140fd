// The one door to tfjs-core. Ops and gradients only: whoever starts the engine registers and picks the backend.

import '@tensorflow/tfjs-core/dist/register_all_gradients';

export * from '@tensorflow/tfjs-core';
