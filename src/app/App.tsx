// Composes the page: head, rail, stage, so-far column. No state of its own but the sheet of keys.

import { memo, useDeferredValue, useEffect, useState } from 'react';
import { DatasetPanel } from './panels/DatasetPanel.tsx';
import { DocumentTitle } from './panels/DocumentTitle.tsx';
import { DropTarget } from './panels/DropTarget.tsx';
import { EmptyState } from './panels/EmptyState.tsx';
import { Header } from './panels/Header.tsx';
import { ShownRun } from './panels/KeptRuns.tsx';
import { PicturesMissing } from './panels/KeptWork.tsx';
import { KeysHelp } from './panels/KeysHelp.tsx';
import { LabelPanel } from './panels/LabelPanel.tsx';
import { LeaveGuard } from './panels/LeaveGuard.tsx';
import { NewVersion } from './panels/NewVersion.tsx';
import { ProblemNotice } from './panels/ProblemNotice.tsx';
import { Rail } from './panels/Rail.tsx';
import { ResultsPanel } from './panels/ResultsPanel.tsx';
import { SoFar } from './panels/SoFar.tsx';
import { StepNotice } from './panels/StepNotice.tsx';
import { StepPanel } from './panels/StepPanel.tsx';
import { KeepingTrouble } from './panels/Storage.tsx';
import { useSituation } from './panels/useSituation.ts';
import { useSettings } from './store/settings.ts';
import { useStudio } from './store/studio.ts';

export function App() {
  const [isHelpOpen, setIsHelpOpen] = useState(false);
  const isOpening = useStudio((state) => state.openingName !== null);
  const hasDataset = useStudio((state) => state.dataset !== null);
  const labelling = useStudio((state) => state.labelling);
  useHelpKey(() => setIsHelpOpen(true));
  return (
    <>
      <DocumentTitle />
      <LeaveGuard />
      <StepNotice />
      <Header onHelp={() => setIsHelpOpen(true)} />
      <NewVersion />
      {hasDataset && !isOpening && labelling === null ? (
        <div className="studio">
          <Rail />
          <Stage />
          <SoFar />
        </div>
      ) : (
        <>
          <ProblemNotice />
          {labelling !== null && !isOpening ? <LabelPanel labelling={labelling} /> : <EmptyState />}
        </>
      )}
      <DropTarget />
      {isHelpOpen && <KeysHelp onClose={() => setIsHelpOpen(false)} />}
    </>
  );
}

/** The chosen place is drawn at low priority, so that a change of place never holds up a running step's page. */
const Stage = memo(function Stage() {
  const place = useDeferredValue(useSettings((state) => state.place));
  const { steps, states, whyNotById } = useSituation();
  const index = steps.findIndex((step) => step.id === place);
  const step = steps[index];
  return (
    <main className="stage">
      <ProblemNotice />
      <KeepingTrouble />
      <ShownRun />
      <PicturesMissing />
      {place === 'results' && <ResultsPanel />}
      {step && (
        <StepPanel key={step.id} step={step} state={states[index] ?? 'blocked'} whyNot={whyNotById[step.id] ?? null} />
      )}
      {!step && place !== 'results' && <DatasetPanel />}
    </main>
  );
});

/** Opens the sheet of keys with `?`, except while typing. */
function useHelpKey(open: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isTyping =
        event.target instanceof Element && event.target.closest('input, select, textarea, dialog') !== null;
      if (event.key === '?' && !isTyping) open();
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [open]);
}
