// Spreadsheets run a cell that begins like a formula, and names of files and folders come from strangers.

/** What spreadsheets take for the start of a formula, wide forms of East Asian keyboards included (OWASP, "CSV Injection"). */
const FORMULA_START = /^[=+\-@\t\r\n＝＋－＠]/;
const NUMBER = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** A quote in front makes the cell text. A number stays as it is: -1.5 is no formula, and must be read as written. */
export function neutraliseFormula(text: string): string {
  return FORMULA_START.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}
