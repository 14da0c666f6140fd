// JSON that gives back what it was given: numbers that are none, minus zero and typed arrays too, to the last bit.

const MARK = '$exact';
const ARRAYS = { Float32Array, Float64Array, Int32Array } as const;

type ArrayName = keyof typeof ARRAYS;

/** @param value plain data; maps, functions and undefined are not */
export function writeExactJson(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'number') return isPlain(part) ? part : { [MARK]: Object.is(part, -0) ? '-0' : String(part) };
    const name = nameOf(part);
    return name ? { [MARK]: name, values: Array.from(part as Float32Array) } : part;
  });
}

/** Throws SyntaxError for what is no JSON. */
export function readExactJson(text: string): unknown {
  return JSON.parse(text, (_, part: unknown) => {
    if (typeof part !== 'object' || part === null || !(MARK in part)) return part;
    const { [MARK]: mark, values } = part as { readonly [MARK]: string; readonly values?: readonly number[] };
    return values ? ARRAYS[mark as ArrayName].from(values) : Number(mark);
  });
}

function isPlain(value: number): boolean {
  return Number.isFinite(value) && !Object.is(value, -0);
}

function nameOf(value: unknown): ArrayName | undefined {
  return (Object.keys(ARRAYS) as ArrayName[]).find((name) => value instanceof ARRAYS[name]);
}
