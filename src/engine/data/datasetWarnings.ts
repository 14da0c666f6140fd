// What is worth knowing before anything is learnt, each with the act that mends it; the worst first. However many classes have a
// fault, it is told in one sentence that names the first of them.

import type {
  ClassCounts,
  DatasetWarning,
  DatasetWarningCode,
  LabelKind,
  Leaks,
  PictureSummary,
  SetAsideFile,
  SplitOrigin,
} from '../../protocol/dataset.ts';
import { adviseOnImbalance } from './imbalance.ts';
import type { FolderReading } from './readers/folder.ts';

/** Below this many validation pictures one picture moves the third decimal (LESSON section 5.7). */
const ENOUGH_VALIDATION_PICTURES = 1000;

/** Of the classes that a sentence is about. */
const NAMES_SHOWN = 5;
const NAME_LENGTH_SHOWN = 60;

export interface Findings {
  readonly reading: FolderReading;
  readonly kind: SplitOrigin['kind'];
  readonly counts: readonly ClassCounts[];
  readonly pictures: readonly PictureSummary[];
  readonly setAside: readonly SetAsideFile[];
  readonly leaks: Leaks;
}

export function findWarnings(findings: Findings): DatasetWarning[] {
  const { reading, counts } = findings;
  const imbalance = adviseOnImbalance(counts, reading.labelKind);
  return [
    ...warnOfMissing(reading.classesMissingInTrain),
    ...warnOfLeaks(findings),
    ...warnOfSmallClasses(findings),
    ...warnOfNames(reading),
    ...warnOfNested(reading),
    ...(imbalance.act === 'nothing' ? [] : [warn('unbalanced', imbalance.sentence)]),
    ...warnOfSetAside(findings),
    ...warnOfFewToCheck(findings),
  ];
}

function warn(code: DatasetWarningCode, sentence: string): DatasetWarning {
  return { code, sentence };
}

function warnOfMissing(names: readonly string[]): DatasetWarning[] {
  if (names.length === 0) return [];
  const [it, its, folder] =
    names.length === 1
      ? ['it cannot be learnt', 'Its', `a training folder ${nameSome(names)}`]
      : ['they cannot be learnt', 'Their', 'training folders of these names'];
  const who = `${nameSome(names)} ${names.length === 1 ? 'has' : 'have'} validation pictures but no training pictures`;
  const sentence = `${who}, so ${it}. ${its} pictures are set aside. Add ${folder} and drop the folder again.`;
  return [warn('classMissingInTrain', sentence)];
}

function warnOfLeaks({ leaks, reading, kind }: Findings): DatasetWarning[] {
  const score = reading.labelKind === 'tags' ? 'F2' : 'accuracy';
  const act =
    kind === 'folders'
      ? 'Take each of them out of the validation folder, or its twin out of the training folder, and drop the folder again.'
      : 'Take one of each pair out of the folder and drop it again.';
  const end = `the ${score} will look better than it is. The pairs are shown below. ${act}`;
  const isAre = (count: number) => (count === 1 ? '1 validation picture is' : `${count} validation pictures are`);
  const looks = (count: number) => (count === 1 ? '1 validation picture looks' : `${count} validation pictures look`);
  const { exact, near } = leaks;
  return [
    ...(exact.count === 0
      ? []
      : [warn('leak', `${isAre(exact.count)} also among those to learn from (same bytes): ${end}`)]),
    ...(near.count === 0
      ? []
      : [warn('leak', `${looks(near.count)} nearly the same as one to learn from (scaled, or saved anew): ${end}`)]),
  ];
}

/** Classes with no picture to learn from, none to check with, or two pictures in all. */
function warnOfSmallClasses({ counts, reading, kind }: Findings): DatasetWarning[] {
  const isTags = reading.labelKind === 'tags';
  const namesOf = (isOne: (row: ClassCounts) => boolean) => counts.filter(isOne).map(({ className }) => className);
  const checks = kind !== 'all';
  const warnings: DatasetWarning[] = [];
  const add = (
    code: DatasetWarningCode,
    names: readonly string[],
    describe: (isOne: boolean, who: string) => string,
  ) => {
    if (names.length > 0) warnings.push(warn(code, describe(names.length === 1, nameSome(names))));
  };
  const isInFold = ({ train, valid }: ClassCounts) => kind === 'fold' && train === 0 && valid > 0;
  add(
    'classTooSmall',
    namesOf(isInFold),
    (isOne, who) =>
      `All pictures of ${who} are in the validation part of this fold, so ${isOne ? 'it' : 'they'} cannot be learnt. Choose another fold, or keep a share of every class.`,
  );
  add(
    'classTooSmall',
    namesOf((row) => row.train === 0 && !isInFold(row)),
    (isOne, who) =>
      isTags
        ? `No training picture has the tag ${who}, so ${isOne ? 'it' : 'they'} cannot be learnt. Add pictures of ${isOne ? 'it' : 'them'} to learn from.`
        : `No training picture of ${who} could be opened. Mend ${isOne ? 'its' : 'their'} files and drop the folder again.`,
  );
  const isAlone = ({ train, valid }: ClassCounts) => checks && train === 1 && valid === 0;
  add(
    'classTooSmall',
    namesOf(isAlone),
    (isOne, who) =>
      `${who} ${isOne ? 'has' : 'have'} one picture${isOne ? '' : ' each'}, and one picture cannot be both learnt from and checked with: it is learnt from, and nobody will know how well. Add at least one more${isOne ? '' : ' to each'}, or take the ${isTags ? 'tag' : 'class'} out.`,
  );
  add(
    'classMissingInValid',
    namesOf((row) => checks && row.train > 0 && row.valid === 0 && !isAlone(row)),
    (isOne, who) =>
      `${who} ${isOne ? 'has' : 'have'} no validation pictures, so nobody will know how well ${isOne ? 'it is' : 'they are'} learnt. ${toValidateAct(kind)}`,
  );
  add(
    'classOfTwo',
    namesOf(({ train, valid }) => checks && !isTags && train === 1 && valid === 1),
    (isOne, who) =>
      `${who} ${isOne ? 'has' : 'have'} two pictures${isOne ? '' : ' each'}, one to learn from and one to check with: ${isOne ? 'it counts' : 'each counts'} as all right or all wrong. Add more before reading anything from ${isOne ? 'its' : 'their'} numbers.`,
  );
  return warnings;
}

function toValidateAct(kind: SplitOrigin['kind']): string {
  if (kind === 'fold') return 'Choose another fold, or keep a share of every class.';
  if (kind === 'stratified') return 'Add pictures of it: one to learn from and one to check with are the least.';
  return 'Move a few of its pictures to the validation folder, or drop class folders alone and let the studio split them.';
}

/** Names that a person would read as one. */
function warnOfNames({ classes, twiceWritten }: FolderReading): DatasetWarning[] {
  const warnings: DatasetWarning[] = [];
  if (twiceWritten.length > 0) {
    const sentence = `Folders of ${nameSome(twiceWritten)} are written in two ways that look the same (one character, or a letter and its mark). They are read as one class.`;
    warnings.push(warn('classNamesAlike', sentence));
  }
  const groups = new Map<string, string[]>();
  for (const name of classes) {
    const plain = name.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim();
    groups.set(plain, [...(groups.get(plain) ?? []), name]);
  }
  const alike = [...groups.values()].filter((names) => names.length > 1).flat();
  if (alike.length > 0) {
    const sentence = `${nameSome(alike)} differ in capitals or spaces alone and are read as classes of their own. Where they are one, give their folders one name and drop the folder again.`;
    warnings.push(warn('classNamesAlike', sentence));
  }
  return warnings;
}

function warnOfNested({ nested }: FolderReading): DatasetWarning[] {
  if (nested === null) return [];
  const { count, firstFolder, firstClass } = nested;
  const [lie, are] = count === 1 ? ['1 picture lies in a folder', 'is'] : [`${count} pictures lie in folders`, 'are'];
  const sentence = `${lie} inside a class folder and ${are} read as the class of the outer one: ${quote(firstFolder)} as ${quote(firstClass)}. If the inner folders are the classes, drop the folder that holds them.`;
  return [warn('nestedFolders', sentence)];
}

function warnOfSetAside({ reading, setAside }: Findings): DatasetWarning[] {
  if (setAside.length === 0) return [];
  const [file, files] = reading.layout === 'csv' ? ['file or row', 'files and rows'] : ['file', 'files'];
  const what = setAside.length === 1 ? `One ${file} is` : `${setAside.length} ${files} are`;
  return [warn('filesSetAside', `${what} set aside and not used; the list below says why.`)];
}

function warnOfFewToCheck({ kind, pictures, reading }: Findings): DatasetWarning[] {
  if (kind === 'all') {
    const sentence =
      'Every labelled picture is learnt from and none is kept to check with, so nothing here will say how good the network is. Repeat steps that have proven themselves with validation pictures; to choose between settings, split the pictures again.';
    return [warn('noValidation', sentence)];
  }
  const validCount = pictures.filter(({ split }) => split === 'valid').length;
  if (validCount >= ENOUGH_VALIDATION_PICTURES) return [];
  return [warn('validationSmall', describeSmallValidation(validCount, reading.labelKind))];
}

function describeSmallValidation(validCount: number, labelKind: LabelKind): string {
  const share = (100 / validCount).toFixed(validCount < 100 ? 0 : 1);
  const few = `With ${validCount} validation pictures, one picture is ${share} % of`;
  return labelKind === 'tags'
    ? `${few} the F2, and thresholds fit themselves to so few. Do not read small differences.`
    : `${few} accuracy. Read small differences with the interval beside them.`;
}

/** “a”, “b” and “c”; of many the first, and how many more there are. */
function nameSome(names: readonly string[]): string {
  const shown = names.slice(0, NAMES_SHOWN).map(quote);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more.toLocaleString('en-US')} more`;
  return shown.length === 1 ? (shown[0] as string) : `${shown.slice(0, -1).join(', ')} and ${shown.at(-1)}`;
}

function quote(name: string): string {
  const characters = Array.from(name);
  if (characters.length <= NAME_LENGTH_SHOWN) return `“${name}”`;
  return `“${characters.slice(0, NAME_LENGTH_SHOWN).join('')}…”`;
}
