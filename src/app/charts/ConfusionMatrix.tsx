// The confusion matrix: which class was taken for which; a cell opens its pictures, and of many classes the worst are listed.

import { memo, useMemo, useState } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import type { ConfusionMatrix as Matrix } from '../../protocol/training.ts';
import { useStudio } from '../store/studio.ts';
import { formatCount } from '../ui/formatNumbers.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import {
  type Confusion,
  listFromClasses,
  predictionsOfCell,
  rowTotals,
  shownClasses,
  worstConfusions,
} from './confusion.ts';
import { type Cell, MatrixButtons, MatrixTable, type MatrixWords } from './MatrixTable.tsx';
import { toGridPicture } from './predictionPicture.ts';

const words: MatrixWords = {
  testId: 'confusion-matrix',
  caption: 'Confusion matrix: rows are true classes, columns predicted ones',
  corner: ['true ↓', 'said →'],
  nameCell: (trueName, predictedName) => `${trueName} taken for ${predictedName}`,
};

export const ConfusionMatrixView = memo(function ConfusionMatrixView({
  confusion,
}: {
  confusion: EventOf<'confusion'>;
}) {
  const { matrix } = confusion;
  const [cell, setCell] = useState<Cell | null>(null);
  const [isShares, setIsShares] = useState(false);
  const shown = useMemo(() => shownClasses(matrix), [matrix]);
  const totals = useMemo(() => rowTotals(matrix), [matrix]);
  const worst = useMemo(() => worstConfusions(matrix), [matrix]);
  const hasList = matrix.classes.length >= listFromClasses;
  return (
    <section className="block" aria-labelledby="matrix-title">
      <div className="blockHead">
        <h2 id="matrix-title">What was taken for what</h2>
        <MatrixButtons matrix={matrix} isShares={isShares} onShares={setIsShares} fileName="confusion-matrix" />
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
            onCell={setCell}
          />
          {shown.length < matrix.classes.length && (
            <p className="muted">
              The {shown.length} classes with the most mistakes of {formatCount(matrix.classes.length)}. The CSV holds
              all of them.
            </p>
          )}
        </div>
        {hasList && <WorstList matrix={matrix} worst={worst} onCell={setCell} />}
      </div>
      {cell ? (
        <CellPictures confusion={confusion} cell={cell} />
      ) : (
        <p className="muted">
          Rows are the true class, columns what the network said. The colour is the share of the row. Press a number to
          see its pictures.
        </p>
      )}
    </section>
  );
});

function WorstList({
  matrix,
  worst,
  onCell,
}: {
  matrix: Matrix;
  worst: readonly Confusion[];
  onCell: (cell: Cell) => void;
}) {
  return (
    <ol className="worstList" aria-label="Worst confusions">
      {worst.slice(0, 12).map((one) => (
        <li key={`${one.trueClassIndex} ${one.predictedClassIndex}`}>
          <button type="button" className="quiet" onClick={() => onCell(one)}>
            <span className="numbers">{one.count}</span> {matrix.classes[one.trueClassIndex]} taken for{' '}
            {matrix.classes[one.predictedClassIndex]}
          </button>
        </li>
      ))}
    </ol>
  );
}

function CellPictures({ confusion, cell }: { confusion: EventOf<'confusion'>; cell: Cell }) {
  const dataset = useStudio((state) => state.dataset);
  const { classes } = confusion.matrix;
  const pictures = useMemo(
    () =>
      predictionsOfCell(confusion.predictions, cell.trueClassIndex, cell.predictedClassIndex).map((one) =>
        toGridPicture(one, classes, dataset),
      ),
    [confusion, cell, dataset, classes],
  );
  const trueName = classes[cell.trueClassIndex];
  const saidName = classes[cell.predictedClassIndex];
  const title =
    cell.trueClassIndex === cell.predictedClassIndex ? `${trueName}, recognised` : `${trueName} taken for ${saidName}`;
  return (
    <div className="cellPictures">
      <h3>
        {title} <span className="muted numbers">{formatCount(pictures.length)}</span>
      </h3>
      <PictureGrid pictures={pictures} label={title} />
    </div>
  );
}
