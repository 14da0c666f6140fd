// Asks before the page is left where something would be lost: a step is running, or what is trained is in no file. The listener is
// there only as long, because it keeps browsers from putting the page into their back and forward cache.

import { useEffect } from 'react';
import { useStudio } from '../store/studio.ts';
import { isUnsaved } from '../store/unsavedWork.ts';

export function LeaveGuard(): null {
  const wouldLose = useStudio((state) => state.runningStepId !== null || isUnsaved(state.unsaved));
  useEffect(() => {
    if (!wouldLose) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, [wouldLose]);
  return null;
}
