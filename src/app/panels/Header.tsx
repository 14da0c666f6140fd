// The page's head: what this is, which data set is open, what computes, that nothing leaves, theme and help.

import { CircleHelp, Moon, Sun, SunMoon } from 'lucide-react';
import { memo, useEffect, useRef, useState } from 'react';
import type { BackendName } from '../../protocol/catalog.ts';
import { setTheme, type Theme, useSettings } from '../store/settings.ts';
import { useStudio } from '../store/studio.ts';
import { FolderInput } from './FolderInput.tsx';

const backendWords: Readonly<Record<BackendName, string>> = {
  webgpu: 'WebGPU',
  webgl: 'WebGL',
  wasm: 'WebAssembly',
  cpu: 'plain JavaScript',
};

export const Header = memo(function Header({ onHelp }: { onHelp: () => void }) {
  const datasetName = useStudio((state) => state.dataset?.name ?? null);
  const isReplay = useStudio((state) => state.engine === 'replay');
  return (
    <header className="pageHeader">
      <p className="brand">Windowbox</p>
      {datasetName !== null && (
        <p className="datasetName">
          <span>{datasetName}</span>
          {isReplay && <span className="muted"> (recorded run)</span>}
        </p>
      )}
      {datasetName !== null && <FolderInput label="Open another folder" />}
      <BackendBadge />
      <p className="privacy">Nothing leaves this computer</p>
      <div className="headerTools">
        <ThemeSwitch />
        <button
          type="button"
          className="iconButton"
          aria-label="Keys and help"
          title="Keys and help (?)"
          onClick={onHelp}
        >
          <CircleHelp size={18} />
        </button>
      </div>
    </header>
  );
});

function BackendBadge() {
  const backend = useStudio((state) => state.backend);
  const engine = useStudio((state) => state.engine);
  const [isOpen, setIsOpen] = useState(false);
  const wrapper = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!isOpen) return;
    const closeOutside = (event: Event) => {
      if (!(event.target instanceof Node) || !wrapper.current?.contains(event.target)) setIsOpen(false);
    };
    const closeOnEscape = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setIsOpen(false);
    };
    document.addEventListener('pointerdown', closeOutside);
    document.addEventListener('keydown', closeOnEscape);
    return () => {
      document.removeEventListener('pointerdown', closeOutside);
      document.removeEventListener('keydown', closeOnEscape);
    };
  }, [isOpen]);
  if (!backend)
    return <p className="badge muted">{engine === 'failed' ? 'engine not running' : 'starting the engine…'}</p>;
  const name = backendWords[backend.backend];
  return (
    <div className="badgeWrapper" ref={wrapper}>
      <button
        type="button"
        className="badge"
        data-testid="backend-badge"
        data-backend={backend.backend}
        data-adapter={backend.adapter}
        aria-expanded={isOpen}
        onClick={() => setIsOpen(!isOpen)}
      >
        <span className="badgeDot" data-hardware={backend.isHardwareGpu} aria-hidden="true" />
        <span className="badgeText">
          {backend.adapter.startsWith(name) ? backend.adapter : `${backend.adapter} · ${name}`}
        </span>
      </button>
      {isOpen && (
        <section className="popover" aria-label="Why this backend">
          <p className="popoverTitle">What computes here, and why</p>
          <ul>
            {backend.ladder.map((rung) => (
              <li key={rung.backend} data-chosen={rung.isChosen}>
                <strong>
                  {backendWords[rung.backend]}
                  {rung.isChosen ? ', taken' : ''}
                </strong>{' '}
                {rung.sentence}
              </li>
            ))}
          </ul>
        </section>
      )}
    </div>
  );
}

const themes: readonly Theme[] = ['system', 'light', 'dark'];
const themeIcons = { system: SunMoon, light: Sun, dark: Moon };

function ThemeSwitch() {
  const theme = useSettings((state) => state.theme);
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  const Icon = themeIcons[theme];
  const label = `Theme: ${theme === 'system' ? 'as the system' : theme}. Change to ${next === 'system' ? 'the system’s' : next}`;
  return (
    <button
      type="button"
      className="iconButton"
      data-testid="theme-switch"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
    >
      <Icon size={18} />
    </button>
  );
}
