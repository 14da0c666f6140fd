// A matrix of true rows against what the network said: the number in every cell, one hue by share of the row, diagonal outlined,
// headers that stay. What is in it, its words say: classes that were taken for each other, or tags that came together.

import { type CSSProperties, memo } from 'react';
import type { ConfusionMatrix as Matrix } from '../../protocol/training.ts';
import { downloadBlob } from '../ui/download.ts';
import { formatPercent } from '../ui/formatNumbers.ts';
import { showText } from '../ui/showText.ts';
import { type Confusion, confusionCsv, lightInkFromShare } from './confusion.ts';

export type Cell = Pick<Confusion, 'trueClassIndex' | 'predictedClassIndex'>;

/** The words around the numbers; kept outside of components, so that cells are not drawn again. */
export interface MatrixWords {
  readonly testId: string;
  readonly caption: string;
  /** Over the corner: 'true ↓ said →'. */
  readonly corner: readonly [string, string];
  /** @returns what a cell counts. */
  readonly nameCell: (trueName: string, predictedName: string) => string;
}

interface MatrixTableProps {
  readonly matrix: Matrix;
  readonly words: MatrixWords;
  /** Indices of the rows and columns to draw. */
  readonly shown: readonly number[];
  /** What a full cell of each row would count. */
  readonly totals: readonly number[];
  readonly isShares: boolean;
  readonly cell: Cell | null;
  readonly onCell: (cell: Cell) => void;
}

export const MatrixTable = memo(function MatrixTable(props: MatrixTableProps) {
  const { matrix, words, shown, totals, isShares, cell, onCell } = props;
  return (
    <table data-testid={words.testId} className="matrix">
      <caption className="visuallyHidden">
        {words.caption}
        {isShares && ', per cent of each row'}
      </caption>
      <thead>
        <tr>
          <td className="matrixCorner">
            <span>{words.corner[0]}</span> <span>{words.corner[1]}</span>
          </td>
          {shown.map((index) => (
            <th key={index} scope="col">
              <span title={showText(matrix.classes[index] ?? '')}>{showText(matrix.classes[index] ?? '')}</span>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {shown.map((row) => (
          <tr key={row}>
            <th scope="row">
              <span title={showText(matrix.classes[row] ?? '')}>{showText(matrix.classes[row] ?? '')}</span>
            </th>
            {shown.map((column) => (
              <MatrixCell
                key={column}
                matrix={matrix}
                words={words}
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
  );
});

interface MatrixCellProps {
  readonly matrix: Matrix;
  readonly words: MatrixWords;
  readonly row: number;
  readonly column: number;
  readonly total: number;
  readonly isShare: boolean;
  readonly isSelected: boolean;
  readonly onCell: (cell: Cell) => void;
}

const MatrixCell = memo(function MatrixCell(props: MatrixCellProps) {
  const { matrix, words, row, column, total, isShare, isSelected, onCell } = props;
  const count = matrix.counts[row]?.[column] ?? 0;
  const share = total > 0 ? count / total : 0;
  // A custom property is not in React's list of style names.
  const style = { '--share': `${(share * 100).toFixed(1)}%` } as CSSProperties;
  const name = words.nameCell(matrix.classes[row] ?? '', matrix.classes[column] ?? '');
  return (
    <td data-diagonal={row === column} data-ink={share >= lightInkFromShare ? 'high' : 'low'} style={style}>
      {count === 0 ? (
        <span className="emptyCell">0</span>
      ) : (
        <button
          type="button"
          aria-pressed={isSelected}
          aria-label={`${name}: ${isShare ? formatPercent(share, 0) : count}`}
          onClick={() => onCell({ trueClassIndex: row, predictedClassIndex: column })}
        >
          {isShare ? (share * 100).toFixed(0) : count}
        </button>
      )}
    </td>
  );
});

interface MatrixButtonsProps {
  readonly matrix: Matrix;
  readonly isShares: boolean;
  readonly onShares: (isShares: boolean) => void;
  readonly fileName: string;
}

/** Counts or shares, and the whole matrix as CSV. */
export function MatrixButtons({ matrix, isShares, onShares, fileName }: MatrixButtonsProps) {
  return (
    <div className="chips">
      <fieldset className="segments">
        <legend className="visuallyHidden">What the cells say</legend>
        <button type="button" aria-pressed={!isShares} onClick={() => onShares(false)}>
          counts
        </button>
        <button type="button" aria-pressed={isShares} onClick={() => onShares(true)}>
          % of row
        </button>
      </fieldset>
      <button
        type="button"
        className="quiet"
        onClick={() => downloadBlob(new Blob([confusionCsv(matrix)], { type: 'text/csv' }), `${fileName}.csv`)}
      >
        CSV
      </button>
    </div>
  );
}
