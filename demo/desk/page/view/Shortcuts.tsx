import { useEffect, useRef } from 'preact/hooks';
import { Icon } from './icons';

const rows: [string[], string][] = [
  [['↑', '↓'], 'Through the list'],
  [['Enter'], 'Open a conversation · send an answer'],
  [['Shift', 'Enter'], 'New line'],
  [['Esc'], 'Back to the list'],
  [['Alt', 'Shift', '↑ ↓'], 'Conversation before · after'],
  [['Alt', 'Shift', 'T'], 'Take over · hand back'],
  [['Alt', 'Shift', 'R'], 'Resolve · reopen'],
  [['Alt', 'Shift', 'P'], 'Private note'],
  [['Alt', 'Shift', 'Q'], 'Quick replies'],
  [['Alt', 'Shift', 'K'], 'These shortcuts'],
];

export function Shortcuts({ close }: { close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog class="shortcuts" ref={dialog} onClose={close} aria-labelledby="shortcuts">
      <form method="dialog">
        <h2 id="shortcuts">Shortcuts</h2>
        <button type="submit" class="bare" aria-label="Close">
          <Icon name="x" />
        </button>
      </form>
      <dl>
        {rows.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </dialog>
  );
}
