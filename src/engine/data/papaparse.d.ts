// What data/csvText.ts uses of papaparse 5.7. The published types want all of Node's, which would let the engine call fetch.

declare module 'papaparse' {
  interface ParseResult {
    /** [row][cell]. */
    readonly data: string[][];
    readonly errors: readonly { readonly type: string; readonly row?: number }[];
    readonly meta: { readonly delimiter: string; readonly linebreak: string };
  }
  const Papa: {
    /** An empty delimiter is sniffed from the first rows; a preview of 0 reads all of them. */
    parse(text: string, config: { delimiter: string; preview: number; skipEmptyLines?: 'greedy' }): ParseResult;
    unparse(rows: readonly (readonly string[])[], config: { delimiter: string; newline: string }): string;
  };
  export = Papa;
}
