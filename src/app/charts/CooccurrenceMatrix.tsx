// What pictures with tags have in place of a confusion matrix: which tags were given to pictures of which tag, the tags most often
// missed and added beside it, and the pictures behind every number.

import { memo, useCallback, useMemo, useState } from 'react';
import { useStudio } from '../store/studio.ts';
import { formatCount, formatThreshold } from '../ui/formatNumbers.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import { type Cell, MatrixButtons, MatrixTable, type MatrixWords } from './MatrixTable.tsx';
import { toTagPicture } from './tagPicture.ts';
import {
  countTagMistakes,
  mostOften,
  picturesWithTag,
  selectTagPictures,
  shownTags,
  type TagMistakes,
  type TagResult,
  type TagSelection,
  tagMatrix,
} from './tagQueries.ts';

const words: MatrixWords = {
  testId: 'cooccurrence-matrix',
  caption: 'Tags together: rows are the tags of pictures, columns those that they were given',
  corner: ['has ↓', 'given →'],
  nameCell: (trueName, givenName) => `has ${trueName}, given ${givenName}`,
};

export const CooccurrenceMatrix = memo(function CooccurrenceMatrix({ result }: { result: TagResult }) {
  const [selection, setSelection] = useState<TagSelection | null>(null);
  const [isShares, setIsShares] = useState(false);
  const matrix = useMemo(() => tagMatrix(result), [result]);
  const totals = useMemo(() => picturesWithTag(result), [result]);
  const mistakes = useMemo(() => countTagMistakes(result), [result]);
  const shown = useMemo(() => shownTags(mistakes), [mistakes]);
  const cell = useMemo(
    () =>
      selection?.kind === 'pair'
        ? { trueClassIndex: selection.trueTag, predictedClassIndex: selection.givenTag }
        : null,
    [selection],
  );
  // Made once, so that cells are not drawn again.
  const selectCell = useCallback(
    ({ trueClassIndex: trueTag, predictedClassIndex: givenTag }: Cell) =>
      setSelection({ kind: 'pair', trueTag, givenTag }),
    [],
  );
  return (
    <section className="block" aria-labelledby="tag-matrix-title">
      <div className="blockHead">
        <h2 id="tag-matrix-title">Which tags were given to which pictures</h2>
        <MatrixButtons matrix={matrix} isShares={isShares} onShares={setIsShares} fileName="tags-together" />
      </div>
      <div className="matrixAndList">
        <div className="matrixScroller">
          <MatrixTable
            matrix={matrix}
            words={words}
            shown={shown}
            totals={totals}
            isShares={isShares}
            cell={cell}
            onCell={selectCell}
          />
          {shown.length < matrix.classes.length && (
            <p className="muted">
              The {shown.length} tags with the most mistakes of {formatCount(matrix.classes.length)}. The CSV holds all
              of them.
            </p>
          )}
        </div>
        <div className="mistakeLists">
          <MistakeList result={result} mistakes={mistakes} kind="missed" onSelect={setSelection} />
          <MistakeList result={result} mistakes={mistakes} kind="added" onSelect={setSelection} />
        </div>
      </div>
      {selection ? (
        <SelectedPictures result={result} selection={selection} />
      ) : (
        <p className="muted">
          Rows are the tags that pictures have, columns those that were given above{' '}
          {formatThreshold(result.score.threshold)}. A cell counts pictures that have the one and were given the other,
          which they may have, too; its colour is the share of the row’s pictures. Press a number to see them.
        </p>
      )}
    </section>
  );
});

interface MistakeListProps {
  readonly result: TagResult;
  readonly mistakes: readonly TagMistakes[];
  readonly kind: 'missed' | 'added';
  readonly onSelect: (selection: TagSelection) => void;
}

const listedTags = 8;

const MistakeList = memo(function MistakeList({ result, mistakes, kind, onSelect }: MistakeListProps) {
  const often = mostOften(mistakes, kind).slice(0, listedTags);
  const title = `Most often ${kind === 'missed' ? 'missed' : 'added wrongly'}`;
  return (
    <div>
      <h3>{title}</h3>
      {often.length === 0 && <p className="muted">No tag was.</p>}
      <ol className="worstList" aria-label={title} data-testid={`tags-${kind}`}>
        {often.map(({ tagIndex, count }) => (
          <li key={tagIndex}>
            <button type="button" className="quiet" onClick={() => onSelect({ kind, tagIndex })}>
              <span className="numbers">{formatCount(count)}</span> {result.classes[tagIndex]}
            </button>
          </li>
        ))}
      </ol>
    </div>
  );
});

function SelectedPictures({ result, selection }: { result: TagResult; selection: TagSelection }) {
  const dataset = useStudio((state) => state.dataset);
  const pictures = useMemo(
    () => selectTagPictures(result, selection).map((one) => toTagPicture(one, result.classes, dataset)),
    [result, selection, dataset],
  );
  const title = nameSelection(selection, result.classes);
  return (
    <div className="cellPictures" data-testid="tag-pictures">
      <h3>
        {title} <span className="muted numbers">{formatCount(pictures.length)}</span>
      </h3>
      <PictureGrid pictures={pictures} label={title} captionLines={2} />
    </div>
  );
}

function nameSelection(selection: TagSelection, classes: readonly string[]): string {
  if (selection.kind !== 'pair') {
    const name = classes[selection.tagIndex];
    const words = { missed: 'missed', added: 'added wrongly', right: 'given rightly' };
    return `${name}, ${words[selection.kind]}`;
  }
  const [trueName, givenName] = [classes[selection.trueTag], classes[selection.givenTag]];
  return trueName === givenName ? `${trueName}, given rightly` : `Has ${trueName}, given ${givenName}`;
}
