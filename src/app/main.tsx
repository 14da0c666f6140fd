// Starts the page: theme, actions, what the address asks for, and the first drawing.

import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { startEngine } from './engineClient.ts';
import { ActionsProvider } from './panels/actionsContext.ts';
import { startStudio } from './startup.ts';
import { createActions } from './store/actions.ts';
import { keepOffline } from './store/newVersion.ts';
import { settingsStore, showTheme } from './store/settings.ts';
import { readUrlParameters } from './urlParameters.ts';
import './ui/tokens.css';
import './ui/base.css';
import './ui/controls.css';
import './ui/layout.css';
import './ui/panels.css';
import './ui/training.css';
import './ui/labelPanel.css';
import './ui/charts.css';
import './ui/tags.css';
import './ui/networks.css';
import './ui/keeping.css';

const root = document.getElementById('root');
if (!root) throw new Error('The page has no #root.');

showTheme(settingsStore.getState().theme);
const actions = createActions(startEngine);
createRoot(root).render(
  <StrictMode>
    <ActionsProvider value={actions}>
      <App />
    </ActionsProvider>
  </StrictMode>,
);
void startStudio(readUrlParameters(location.search), actions);
void keepOffline();
