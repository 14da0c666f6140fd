// The mark of a data set that is all learnt from: nobody may take its losses for a result.

export function NothingValidates({ isTrained }: { isTrained: boolean }) {
  return (
    <p className="notice" data-testid="nothing-validates">
      {isTrained ? 'Trained on all pictures; nothing validates.' : 'All pictures are learnt from; nothing validates.'}{' '}
      <span className="muted">Trust what the same steps reached with validation pictures.</span>
    </p>
  );
}
