// What a dropped table means, before anything is opened: its first rows, a choice for each thing it does not say itself, and
// what that gives. The page's head still works; Escape puts the table away and the open data set is as it was.

import { type ReactNode, useEffect, useRef } from 'react';
import type { LabelDescription, LabelOptions } from '../../protocol/labels.ts';
import { type Labelling, shownOptions, withIdColumn, withLabelColumn } from '../store/labelling.ts';
import { useStudio } from '../store/studio.ts';
import { ActionButton } from '../ui/ActionButton.tsx';
import { formatCount, formatCountOf } from '../ui/formatNumbers.ts';
import { showText } from '../ui/showText.ts';
import { useActions } from './actionsContext.ts';

const delimiters: readonly { readonly delimiter: string; readonly label: string }[] = [
  { delimiter: ',', label: 'a comma' },
  { delimiter: ';', label: 'a semicolon' },
  { delimiter: '\t', label: 'a tab' },
  { delimiter: '|', label: 'a bar |' },
];

export function LabelPanel({ labelling }: { labelling: Labelling }) {
  const actions = useActions();
  const hasDataset = useStudio((state) => state.dataset !== null);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  useEscape(actions.cancelLabels);
  const { description, name } = labelling;
  return (
    <main className="stage labelPanel" aria-labelledby="labels-title" data-testid="label-panel">
      <div className="stageHead">
        <p className="stageNumber">
          {name}, {joinNames([description.options.tablePath, ...description.siblingPaths])}
        </p>
        <h1 id="labels-title" ref={heading} tabIndex={-1}>
          What the table says
        </h1>
        <p className="why">
          These pictures come with a table. Say which column names them and which says what they show.
          {hasDataset ? ' Until you open them, the data set that is open stays.' : ''}
        </p>
      </div>
      <FirstRows description={description} options={shownOptions(labelling)} />
      <LabelChoices labelling={labelling} />
      <MatchCount description={description} />
      <Unmatched description={description} />
      <div className="actionRow">
        <ActionButton
          isPrimary
          whyOff={description.problem}
          onPress={() => void actions.openWithLabels()}
          testId="open-labels"
        >
          Open with these labels
        </ActionButton>
        <ActionButton onPress={actions.cancelLabels}>Cancel</ActionButton>
      </div>
    </main>
  );
}

/** Not while the sheet of keys is open: Escape closes that one. */
function useEscape(leave: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && document.querySelector('dialog[open]') === null) leave();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [leave]);
}

interface ShownTableProps {
  readonly description: LabelDescription;
  readonly options: LabelOptions;
}

function FirstRows({ description, options }: ShownTableProps) {
  const { firstRows, columnCount } = description;
  if (firstRows.length === 0) return null;
  const columns = shownColumns(columnCount, options);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard.
    <section className="tableScroll" aria-label="The first rows of the table" tabIndex={0}>
      <table className="plainTable">
        <thead>
          <tr>
            <th scope="col">row</th>
            {columns.map((column) => (
              <th key={column} scope="col" data-role={roleOf(column, options)}>
                {roleOf(column, options) ?? `column ${column + 1}`}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {firstRows.map(({ rowNumber, cells }, index) => (
            <tr key={rowNumber} data-header={options.hasHeader && index === 0}>
              <td className="numbers">{formatCount(rowNumber)}</td>
              {columns.map((column) => (
                <td key={column} data-role={roleOf(column, options)}>
                  {showText(cells[column] ?? '')}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const columnsShown = 6;

function numberColumns(count: number): readonly number[] {
  return Array.from({ length: count }, (_, column) => column);
}

/** The first columns, and the two chosen ones wherever they are. */
function shownColumns(columnCount: number, { idColumn, labelColumn }: LabelOptions): readonly number[] {
  return numberColumns(columnCount).filter(
    (column) => column < columnsShown || column === idColumn || column === labelColumn,
  );
}

function roleOf(column: number, { idColumn, labelColumn }: LabelOptions): string | undefined {
  if (column === idColumn) return 'picture';
  return column === labelColumn ? 'label' : undefined;
}

function LabelChoices({ labelling }: { labelling: Labelling }) {
  const actions = useActions();
  const { description } = labelling;
  const options = shownOptions(labelling);
  const say = (labels: Partial<LabelOptions>) => void actions.tryLabels(labels);
  const columns = numberColumns(description.columnCount).map((column) => (
    <option key={column} value={column}>
      {nameColumn(column, description, options)}
    </option>
  ));
  return (
    <div className="optionsForm">
      {description.tablePaths.length > 1 && (
        <Choice
          id="table"
          label="Table"
          help={describeTables(description)}
          value={options.tablePath}
          onChange={(tablePath) => say({ tablePath })}
        >
          {description.tablePaths.map((path) => (
            <option key={path}>{path}</option>
          ))}
        </Choice>
      )}
      {isDelimiterOpen(description) && (
        <Choice
          id="delimiter"
          label="Between cells stands"
          help="The columns are found anew when you change it."
          value={options.delimiter}
          onChange={(delimiter) => say({ tablePath: options.tablePath, delimiter })}
        >
          {delimiters.map(({ delimiter, label }) => (
            <option key={delimiter} value={delimiter}>
              {label}
            </option>
          ))}
        </Choice>
      )}
      {columns.length > 0 && (
        <>
          <Choice
            id="idColumn"
            label="Picture’s name"
            help="With or without folders and suffix."
            value={options.idColumn}
            onChange={(value) => say(withIdColumn(options, Number(value)))}
          >
            {columns}
          </Choice>
          <Choice
            id="labelColumn"
            label="Label"
            help="What the picture shows: its class, or its tags with a space between them."
            value={options.labelColumn}
            onChange={(value) => say(withLabelColumn(options, Number(value)))}
          >
            {columns}
          </Choice>
          <Choice
            id="hasHeader"
            label="First row"
            help="A header names columns and no picture."
            value={options.hasHeader ? 'header' : 'picture'}
            onChange={(value) => say({ ...options, hasHeader: value === 'header' })}
          >
            <option value="header">a header</option>
            <option value="picture">a picture like the others</option>
          </Choice>
        </>
      )}
      {(description.hasSeveralLabels || options.separator === null) && (
        <Choice
          id="separator"
          label="A space in a label"
          help={describeSeparator(description, options)}
          value={options.separator === null ? 'belongs' : 'separates'}
          onChange={(value) => say({ ...options, separator: value === 'belongs' ? null : ' ' })}
        >
          <option value="separates">stands between two labels</option>
          <option value="belongs">belongs to it: each picture has one label</option>
        </Choice>
      )}
      <div className="optionField">
        <label htmlFor="labels-suffix">Suffix of the files</label>
        <input
          id="labels-suffix"
          type="text"
          autoComplete="off"
          spellCheck={false}
          data-option-id="suffix"
          aria-describedby="labels-suffix-help"
          value={options.suffix}
          onChange={(event) => say({ ...options, suffix: event.target.value.trim() })}
        />
        <p id="labels-suffix-help" className="muted">
          Added to names that lack it, such as .jpg. Empty finds a picture whatever its suffix.
        </p>
      </div>
    </div>
  );
}

interface ChoiceProps {
  readonly id: keyof LabelOptions | 'table';
  readonly label: string;
  readonly help: string;
  readonly value: string | number;
  readonly onChange: (value: string) => void;
  readonly children: ReactNode;
}

function Choice({ id, label, help, value, onChange, children }: ChoiceProps) {
  const fieldId = `labels-${id}`;
  return (
    <div className="optionField">
      <label htmlFor={fieldId}>{label}</label>
      <select
        id={fieldId}
        data-option-id={id}
        aria-describedby={`${fieldId}-help`}
        value={value}
        onChange={(event) => onChange(event.target.value)}
      >
        {children}
      </select>
      <p id={`${fieldId}-help`} className="muted">
        {help}
      </p>
    </div>
  );
}

/** The header's word for a column, else its number and first cell. */
function nameColumn(column: number, { firstRows }: LabelDescription, { hasHeader }: LabelOptions): string {
  const cell = firstRows[0]?.cells[column]?.trim() ?? '';
  if (hasHeader && cell !== '') return cell;
  return cell === '' ? `column ${column + 1}` : `column ${column + 1} (${cell}, …)`;
}

/** Whether the text alone does not say what stands between cells. */
function isDelimiterOpen({ likelyDelimiters, options }: LabelDescription): boolean {
  return likelyDelimiters.length !== 1 || likelyDelimiters[0] !== options.delimiter;
}

const classesNamed = 8;

function MatchCount({ description }: { description: LabelDescription }) {
  const { rowCount, matchedCount, pictureCount, withoutRowCount, testCount, classes, problem } = description;
  return (
    <div className="labelMatch" aria-live="polite" data-testid="label-match">
      <p className="accuracyLine numbers">
        {formatCount(matchedCount)} of {formatCountOf(rowCount, 'row')} {rowCount === 1 ? 'names' : 'name'} a picture
      </p>
      <p className="numbers">
        {classes.length > 0 && `${countClasses(description)}: ${nameClasses(classes)}. `}
        {withoutRowCount === 0
          ? `Every one of ${formatCountOf(pictureCount, 'picture')} has a row.`
          : `${formatCount(withoutRowCount)} of ${formatCountOf(pictureCount, 'picture')} will be set aside: no row names them alone.`}
        {testCount > 0 && ` The test folder holds ${formatCountOf(testCount, 'picture')} without labels.`}
      </p>
      {description.hasSeveralLabels && <p data-testid="several-labels">{describeSeveralLabels(description)}</p>}
      {problem !== null && (
        <p className="fieldProblem" data-testid="labels-problem">
          {problem}
        </p>
      )}
    </div>
  );
}

function countClasses({ classes, hasSeveralLabels }: LabelDescription): string {
  return hasSeveralLabels ? formatCountOf(classes.length, 'tag') : formatCountOf(classes.length, 'class', 'classes');
}

/** With the first row that shows it, where one of those on the page does. */
function describeSeveralLabels({ firstRows, options }: LabelDescription): string {
  const countLabels = (cells: readonly string[]) =>
    (cells[options.labelColumn] ?? '').split(options.separator ?? '\n').filter((label) => label.trim() !== '').length;
  const rows = options.hasHeader ? firstRows.slice(1) : firstRows;
  const row = rows.find(({ cells }) => countLabels(cells) > 1);
  const gives = row
    ? `Row ${formatCount(row.rowNumber)} gives ${countLabels(row.cells)} labels`
    : 'Some rows give several labels';
  return `${gives}: every picture gets tags, as many as its row gives.`;
}

/** The other tables are read too, or they are not. */
function describeTables({ siblingPaths }: LabelDescription): string {
  if (siblingPaths.length === 0) return 'The one with the labels; the others are not read.';
  return `Read together with ${joinNames(siblingPaths)}, whose first row is the same.`;
}

function describeSeparator({ hasSeveralLabels }: LabelDescription, { separator }: LabelOptions): string {
  if (separator === null) return 'Each picture has one label, whatever spaces it has.';
  return hasSeveralLabels
    ? 'A picture has as many tags as its label has parts. Change it where a label such as “dark blue” is one.'
    : 'No label has a space.';
}

/** 'a', 'a and b', 'a, b and c'. */
function joinNames(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function nameClasses(classes: readonly string[]): string {
  const named = classes.slice(0, classesNamed).join(', ');
  return classes.length > classesNamed ? `${named} and ${formatCount(classes.length - classesNamed)} more` : named;
}

function Unmatched({ description }: { description: LabelDescription }) {
  const { unmatchedCount, firstUnmatched, ambiguousCount, unreadableCount } = description;
  if (unmatchedCount + ambiguousCount + unreadableCount === 0) return null;
  return (
    <section className="block" aria-labelledby="unmatched-title">
      <h2 id="unmatched-title">
        Rows that name no picture{' '}
        <span className="muted numbers">{formatCount(unmatchedCount + ambiguousCount + unreadableCount)}</span>
      </h2>
      <ul className="setAside" data-testid="unmatched-rows">
        {firstUnmatched.map(({ rowNumber, id, nearestPaths }) => (
          <li key={rowNumber}>
            <code>{id}</code>
            <span>
              {`Row ${formatCount(rowNumber)}. `}
              {nearestPaths.length > 0
                ? `Nearest names: ${nearestPaths.join(', ')}.`
                : 'No picture is called almost so.'}
            </span>
          </li>
        ))}
      </ul>
      <p className="muted">
        {unmatchedCount > firstUnmatched.length &&
          `${formatCount(unmatchedCount - firstUnmatched.length)} more have no picture. `}
        {ambiguousCount > 0 && `${formatCountOf(ambiguousCount, 'row')} could mean several pictures. `}
        {unreadableCount > 0 && `${formatCountOf(unreadableCount, 'row')} cannot be read. `}
        All of them are listed with the data, once it is open.
      </p>
    </section>
  );
}
