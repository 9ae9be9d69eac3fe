import { type Signal, signal } from '@preact/signals';
import { mostFiles } from '../../model/attachments';
import type { Model } from '../../model/model';
import { f } from './words';

/** Files are being held over the panel. */
export const isOver = signal(false);
/** Why something wasn't taken at all. */
export const note: Signal<string> = signal('');

export function takeFiles(model: Model, files: readonly File[], folders = 0): void {
  const result = model.attachments.peek()?.add(files);
  if (!result) return;
  const { added, twice, tooMany } = result;
  if (added > 0) model.panel.announce(f('added', { count: added }));
  note.value = [
    folders > 0 && f('folder'),
    tooMany > 0 && f('tooMany', { count: mostFiles }),
    twice > 0 && added === 0 && f('twice'),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Files that are pasted or dropped anywhere on the panel; returns how to stop it. */
export function watchIncoming(model: Model): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  /** A page of the business's lies over the conversation: what is dropped there isn't for us. */
  const isCovered = () => model.webViews.current.peek() !== undefined;
  const hide = () => {
    clearTimeout(timer);
    isOver.value = false;
  };
  const onDragOver = (event: DragEvent) => {
    if (!event.dataTransfer?.types.includes('Files')) return;
    // Else the browser would leave the chat and show the file in its place.
    event.preventDefault();
    event.dataTransfer.dropEffect = isCovered() ? 'none' : 'copy';
    if (isCovered()) return;
    isOver.value = true;
    clearTimeout(timer);
    // Told several times a second while it's held there; not every browser tells of its leaving.
    timer = setTimeout(hide, 900);
  };
  const onDragLeave = (event: DragEvent) => {
    if (event.relatedTarget === null) hide();
  };
  const onDrop = (event: DragEvent) => {
    hide();
    if (!event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    if (isCovered()) return;
    const { files, folders } = filesIn(event.dataTransfer);
    takeFiles(model, files, folders);
    model.panel.focusWish.value = { to: 'composer' };
  };
  const onPaste = (event: ClipboardEvent) => {
    const { clipboardData: data } = event;
    // A table program gives its cells as text and as a picture: the text is meant.
    if (!data || data.files.length === 0 || data.getData('text/plain') || isCovered()) return;
    event.preventDefault();
    takeFiles(model, [...data.files]);
  };
  const listeners = { dragenter: onDragOver, dragover: onDragOver, dragleave: onDragLeave, drop: onDrop };
  for (const [name, listener] of Object.entries(listeners)) document.addEventListener(name, listener as EventListener);
  document.addEventListener('paste', onPaste);
  return () => {
    hide();
    for (const [name, listener] of Object.entries(listeners)) {
      document.removeEventListener(name, listener as EventListener);
    }
    document.removeEventListener('paste', onPaste);
  };
}

function filesIn({ items, files }: DataTransfer): { files: File[]; folders: number } {
  const found: File[] = [];
  let folders = 0;
  for (const item of items) {
    if (item.kind !== 'file') continue;
    // A folder looks like a file of no type; only its entry tells.
    if (item.webkitGetAsEntry?.()?.isDirectory) {
      folders++;
      continue;
    }
    const file = item.getAsFile();
    if (file) found.push(file);
  }
  return { files: items.length > 0 ? found : [...files], folders };
}
