// The one door to tfjs-core. Ops and gradients only: whoever starts the engine registers and picks the backend.

// First the core with its flags, then the gradients, which use them as soon as they are loaded.
export * from '@tensorflow/tfjs-core';

import '@tensorflow/tfjs-core/dist/register_all_gradients';
