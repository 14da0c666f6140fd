// What a kernel is: WGSL text with its bindings and its number of workgroups, all sizes baked in. Equal text means equal
// pipeline. Nothing in here touches a device.

export type Access = 'read' | 'readWrite' | 'uniform';

export interface Binding {
  readonly name: string;
  /** WGSL type: 'array<vec4<f32>>', 'Step'. */
  readonly type: string;
  readonly access: Access;
}

/** What a kernel does for the step, for time per family in the bench. */
export type KernelFamily =
  | 'input'
  | 'convolution'
  | 'inputGradient'
  | 'filterGradient'
  | 'depthwise'
  | 'depthwiseInputGradient'
  | 'depthwiseFilterGradient'
  | 'grouped'
  | 'groupedInputGradient'
  | 'groupedFilterGradient'
  | 'batchNorm'
  | 'elementwise'
  | 'pooling'
  | 'loss'
  | 'sumPartials'
  | 'transposeWeights'
  | 'optimizer';

/** Least work of one run: multiplications and additions, and bytes when every input is read and every output written once. */
export interface KernelWork {
  readonly flops: number;
  readonly bytes: number;
}

export interface Kernel {
  readonly family: KernelFamily;
  /** A complete WGSL module with the entry point `main`. */
  readonly code: string;
  /** Binding i of group 0. */
  readonly bindings: readonly Binding[];
  readonly workgroups: readonly [number, number, number];
  readonly work: KernelWork;
}

export interface KernelParts {
  readonly family: KernelFamily;
  readonly bindings: readonly Binding[];
  /** Module-scope declarations: constants, workgroup memory, functions. */
  readonly declarations: string;
  readonly workgroupSize: number;
  /** Body of main; knows `group` (workgroup number), `lane` (invocation in it) and `plane` (workgroup_id.z). */
  readonly body: string;
  /** Workgroups that have work; the rest of the grid returns at once. */
  readonly groupCount: number;
  readonly planeCount?: number;
  readonly work: KernelWork;
}

/** WebGPU's guaranteed limit for each dimension of a dispatch. */
const MAX_GROUPS_PER_DIMENSION = 65_535;

/** The kernel of these parts. Workgroups beyond one dimension's limit are folded into the second. */
export function assembleKernel(parts: KernelParts): Kernel {
  const { bindings, groupCount, planeCount = 1 } = parts;
  const columns = Math.min(groupCount, MAX_GROUPS_PER_DIMENSION);
  const rows = Math.ceil(groupCount / columns);
  const isFolded = rows > 1;
  const usesStep = bindings.some(({ type }) => type === 'Step');
  const code = `${usesStep ? STEP_STRUCT : ''}${bindings.map(declareBinding).join('\n')}
${parts.declarations}
@compute @workgroup_size(${parts.workgroupSize})
fn main(@builtin(workgroup_id) groupId: vec3<u32>, @builtin(local_invocation_index) lane: u32) {
  let group = ${isFolded ? `groupId.y * ${columns}u + groupId.x` : 'groupId.x'};
  ${isFolded ? `if (group >= ${groupCount}u) { return; }` : ''}
  let plane = groupId.z;
${parts.body}
}
`;
  return {
    family: parts.family,
    code: dropBlankLines(code),
    bindings,
    workgroups: [columns, rows, planeCount],
    work: parts.work,
  };
}

function declareBinding({ name, type, access }: Binding, index: number): string {
  const space = { read: 'storage, read', readWrite: 'storage, read_write', uniform: 'uniform' }[access];
  return `@group(0) @binding(${index}) var<${space}> ${name}: ${type};`;
}

/** Options that are off leave blank lines; without them equal kernels have equal text. */
function dropBlankLines(code: string): string {
  return code.replace(/\n\s*\n/g, '\n');
}

/** Groups of parameters that may have a rate of their own in one step. */
export const MAX_PARAMETER_GROUPS = 64;
export const STEP_HEADER_WORDS = 16;
export const STEP_BYTES = 4 * (STEP_HEADER_WORDS + 4 * MAX_PARAMETER_GROUPS);

/**
 * What changes from step to step, one small uniform buffer. `itemCount`: items of this batch, the rest of the shape is
 * padding. `groups`: learning rate and weight decay of each parameter group.
 */
const STEP_STRUCT = `struct Step {
  itemCount: u32, dropoutSeed: u32, metricsSlot: u32, isDecoupled: u32,
  momentum: f32, beta2: f32, epsilon: f32, maxGradientNorm: f32,
  logBeta1: f32, logBeta2: f32, unused: vec2<u32>, unusedToo: vec4<u32>,
  groups: array<vec4<f32>, ${MAX_PARAMETER_GROUPS}>,
}
`;

export const STEP_BINDING: Binding = { name: 'step', type: 'Step', access: 'uniform' };

/** An array of vec4<f32>. */
export function vectors(name: string, access: Access): Binding {
  return { name, type: 'array<vec4<f32>>', access };
}

/** An array of u32. */
export function words(name: string, access: Access): Binding {
  return { name, type: 'array<u32>', access };
}

/** Joins lines that were made for each of 0 .. count - 1. */
export function repeat(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => line(index)).join('\n');
}
