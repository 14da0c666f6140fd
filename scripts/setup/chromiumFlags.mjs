// @ts-check
// The flags that the project starts Chromium with: the same in tests and in headless runs. Node built-ins only.

/** Nothing but the page itself may use the network or the disk. */
const quietFlags = [
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
];

/** WebGPU computed by the processor: about 100 times slower than WebAssembly, but the same code path as a GPU's. */
export const softwareWebgpuFlags = [
  '--enable-unsafe-webgpu',
  '--use-webgpu-adapter=swiftshader',
  // SwiftShader's compiler writes out every zero of a workgroup's memory; without the extension WebGPU zeroes it in a loop.
  '--disable-dawn-features=use_vulkan_zero_initialize_workgroup_memory_extension',
];

function isRoot() {
  return process.getuid?.() === 0;
}

/**
 * @param {{ hasSoftwareWebgpu?: boolean, extraFlags?: readonly string[] }} [options]
 *   `extraFlags`: flags for this machine, for example those that its GPU needs
 * @returns {string[]}
 */
export function chromiumFlags({ hasSoftwareWebgpu = false, extraFlags = [] } = {}) {
  return [
    ...quietFlags,
    // Chromium refuses its sandbox to root, and containers have a small /dev/shm.
    ...(isRoot() ? ['--no-sandbox', '--disable-dev-shm-usage'] : []),
    ...(hasSoftwareWebgpu ? softwareWebgpuFlags : []),
    ...extraFlags,
  ];
}

/**
 * Flags for Chromium begin with dashes, which the parser takes for an option unless they are joined with `=`.
 * @param {readonly string[]} args
 */
export function joinChromiumFlags(args) {
  const place = args.indexOf('--chromium-flags');
  if (place < 0 || place === args.length - 1) return [...args];
  return [...args.slice(0, place), `--chromium-flags=${args[place + 1]}`, ...args.slice(place + 2)];
}
