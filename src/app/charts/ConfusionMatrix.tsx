// The confusion matrix: the number in every cell, one hue by share of the row, diagonal outlined; a cell opens its pictures.

import { type CSSProperties, memo, useMemo, useState } from 'react';
import type { EventOf } from '../../protocol/events.ts';
import type { ConfusionMatrix as Matrix } from '../../protocol/training.ts';
import { useStudio } from '../store/studio.ts';
import { downloadBlob } from '../ui/download.ts';
import { formatCount, formatPercent } from '../ui/formatNumbers.ts';
import { PictureGrid } from '../ui/PictureGrid.tsx';
import {
  type Confusion,
  confusionCsv,
  lightInkFromShare,
  listFromClasses,
  predictionsOfCell,
  rowTotals,
  shownClasses,
  worstConfusions,
} from './confusion.ts';
import { toGridPicture } from './predictionPicture.ts';

type Cell = Pick<Confusion, 'trueClassIndex' | 'predictedClassIndex'>;

export const ConfusionMatrixView = memo(function ConfusionMatrixView({
  confusion,
}: {
  confusion: EventOf<'confusion'>;
}) {
  const { matrix } = confusion;
  const [cell, setCell] = useState<Cell | null>(null);
  const [isShares, setIsShares] = useState(false);
  const worst = useMemo(() => worstConfusions(matrix), [matrix]);
  const hasList = matrix.classes.length >= listFromClasses;
  return (
    <section className="block" aria-labelledby="matrix-title">
      <div className="blockHead">
        <h2 id="matrix-title">What was taken for what</h2>
        <div className="chips">
          <fieldset className="segments">
            <legend className="visuallyHidden">What the cells say</legend>
            <button type="button" aria-pressed={!isShares} onClick={() => setIsShares(false)}>
              counts
            </button>
            <button type="button" aria-pressed={isShares} onClick={() => setIsShares(true)}>
              % of row
            </button>
          </fieldset>
          <button
            type="button"
            className="quiet"
            onClick={() => downloadBlob(new Blob([confusionCsv(matrix)], { type: 'text/csv' }), 'confusion-matrix.csv')}
          >
            CSV
          </button>
        </div>
      </div>
      <div className="matrixAndList">
        <MatrixTable matrix={matrix} isShares={isShares} cell={cell} onCell={setCell} />
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

interface MatrixTableProps {
  readonly matrix: Matrix;
  readonly isShares: boolean;
  readonly cell: Cell | null;
  readonly onCell: (cell: Cell) => void;
}

const MatrixTable = memo(function MatrixTable({ matrix, isShares, cell, onCell }: MatrixTableProps) {
  const shown = useMemo(() => shownClasses(matrix), [matrix]);
  const totals = useMemo(() => rowTotals(matrix), [matrix]);
  return (
    <div className="matrixScroller">
      <table data-testid="confusion-matrix" className="matrix">
        <caption className="visuallyHidden">
          Confusion matrix{isShares && ', per cent of each row'}: rows are true classes, columns predicted ones
        </caption>
        <thead>
          <tr>
            <td className="matrixCorner">
              <span>true ↓</span> <span>said →</span>
            </td>
            {shown.map((index) => (
              <th key={index} scope="col">
                <span>{matrix.classes[index]}</span>
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((row) => (
            <tr key={row}>
              <th scope="row">
                <span>{matrix.classes[row]}</span>
              </th>
              {shown.map((column) => (
                <MatrixCell
                  key={column}
                  matrix={matrix}
                  row={row}
                  column={column}
                  total={totals[row] ?? 0}
                  isShare={isShares}
                  isSelected={cell?.trueClassIndex === row && cell.predictedClassIndex === column}
                  onCell={onCell}
                />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {shown.length < matrix.classes.length && (
        <p className="muted">
          The {shown.length} classes with the most mistakes of {formatCount(matrix.classes.length)}. The CSV holds all
          of them.
        </p>
      )}
    </div>
  );
});

interface MatrixCellProps {
  readonly matrix: Matrix;
  readonly row: number;
  readonly column: number;
  readonly total: number;
  readonly isShare: boolean;
  readonly isSelected: boolean;
  readonly onCell: (cell: Cell) => void;
}

const MatrixCell = memo(function MatrixCell({
  matrix,
  row,
  column,
  total,
  isShare,
  isSelected,
  onCell,
}: MatrixCellProps) {
  const count = matrix.counts[row]?.[column] ?? 0;
  const share = total > 0 ? count / total : 0;
  // A custom property is not in React's list of style names.
  const style = { '--share': `${(share * 100).toFixed(1)}%` } as CSSProperties;
  return (
    <td data-diagonal={row === column} data-ink={share >= lightInkFromShare ? 'high' : 'low'} style={style}>
      {count === 0 ? (
        <span className="emptyCell">0</span>
      ) : (
        <button
          type="button"
          aria-pressed={isSelected}
          aria-label={`${matrix.classes[row]} taken for ${matrix.classes[column]}: ${isShare ? formatPercent(share, 0) : count}`}
          onClick={() => onCell({ trueClassIndex: row, predictedClassIndex: column })}
        >
          {isShare ? (share * 100).toFixed(0) : count}
        </button>
      )}
    </td>
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
