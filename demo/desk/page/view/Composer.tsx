import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Talk } from '../talk';
import { useDesk } from './context';
import { Icon } from './icons';

/** Options that one may offer at once: more are no quick replies any longer. */
const most = 6;
/** What a draft holds; kept for as long as the desk is open. */
type Draft = { text: string; isNote: boolean; options: string[] };
const drafts = new Map<string, Draft>();
const none: Draft = { text: '', isNote: false, options: [] };

export const forgetDrafts = (): void => drafts.clear();

export function Composer({ talk }: { talk: Talk }) {
  const desk = useDesk();
  const [draft, setDraft] = useState<Draft>(drafts.get(talk.id) ?? none);
  const field = useRef<HTMLTextAreaElement>(null);
  const file = useRef<HTMLInputElement>(null);
  const isMine = talk.agentId === desk.agent.id && talk.status !== 'resolved';
  const isNote = draft.isNote || !isMine;
  const options = draft.options.map((option) => option.trim()).filter(Boolean);
  const canSend = draft.text.trim() !== '';

  const change = (more: Partial<Draft>) => {
    const next = { ...draft, ...more };
    drafts.set(talk.id, next);
    setDraft(next);
  };
  useLayoutEffect(() => {
    const { current: at } = field;
    if (!at) return;
    at.style.height = 'auto';
    at.style.height = `${Math.min(at.scrollHeight + 2, 180)}px`;
  }, [draft.text]);
  // Who took over wants to write.
  const wasMine = useRef(isMine);
  useEffect(() => {
    if (isMine && !wasMine.current) field.current?.focus();
    wasMine.current = isMine;
  }, [isMine]);

  const send = () => {
    if (!canSend) return;
    desk.send(talk.id, {
      message_parts: [{ text: { content: draft.text.trim() } }],
      reply_parts:
        isNote || options.length === 0
          ? []
          : [{ collection: { sub_parts: options.map((label) => ({ quick_reply_button: { label } })) } }],
      message_type: isNote ? 'private' : 'normal',
    });
    // Who writes notes goes on writing notes: what is meant for colleagues must not go to the customer by a slip.
    change({ ...none, isNote: draft.isNote });
    field.current?.focus();
  };
  const pressed = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    send();
  };
  const toggleNote = () => {
    change({ isNote: !draft.isNote });
    field.current?.focus();
  };

  return (
    <form
      class="composer"
      data-note={isNote || undefined}
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {!isNote && draft.options.length > 0 && (
        <Options options={draft.options} change={(next) => change({ options: next })} />
      )}
      <div class="field">
        <label class="unseen" for="answer">
          {isNote ? 'Private note' : 'Answer'}
        </label>
        <textarea
          id="answer"
          ref={field}
          rows={1}
          dir="auto"
          maxLength={10_000}
          placeholder={isNote ? 'A note that only colleagues see' : 'Write an answer'}
          value={draft.text}
          onInput={({ currentTarget }) => {
            change({ text: currentTarget.value });
            if (!isNote) desk.iType(talk.id, currentTarget.value.trim() !== '');
          }}
          onBlur={() => desk.iType(talk.id, false)}
          onKeyDown={pressed}
        />
      </div>
      <div class="tools">
        <button
          type="button"
          class="tool"
          title="Private note"
          aria-pressed={isNote}
          disabled={!isMine}
          onClick={toggleNote}
          aria-keyshortcuts="Alt+Shift+P"
          data-key="KeyP"
        >
          <Icon name="note" />
          <span>Private note</span>
        </button>
        {!isNote && (
          <>
            <button
              type="button"
              class="tool"
              title="Quick replies"
              aria-expanded={draft.options.length > 0}
              aria-keyshortcuts="Alt+Shift+Q"
              data-key="KeyQ"
              onClick={() => change({ options: draft.options.length > 0 ? [] : ['', ''] })}
            >
              <Icon name="chips" />
              <span>Quick replies</span>
            </button>
            <button
              type="button"
              class="tool"
              title="File"
              disabled={desk.busy.value}
              onClick={() => file.current?.click()}
            >
              <Icon name="clip" />
              <span>File</span>
            </button>
            <input
              ref={file}
              type="file"
              class="unseen"
              tabIndex={-1}
              aria-hidden="true"
              onChange={({ currentTarget }) => {
                const [chosen] = currentTarget.files ?? [];
                currentTarget.value = '';
                if (chosen) void desk.sendFile(talk.id, chosen);
              }}
            />
          </>
        )}
        <span class="space" />
        <button type="submit" class="send" disabled={!canSend}>
          <Icon name="up" />
          <span class="unseen">{isNote ? 'Keep the note' : 'Send'}</span>
        </button>
      </div>
    </form>
  );
}

/** A small editor for what the customer may answer by one press. */
function Options({ options, change }: { options: string[]; change: (options: string[]) => void }) {
  const list = useRef<HTMLFieldSetElement>(null);
  const put = (at: number, text: string) => change(options.map((option, index) => (index === at ? text : option)));
  const focus = (at: number) =>
    requestAnimationFrame(() => list.current?.querySelectorAll<HTMLInputElement>('input')[at]?.focus());
  const add = () => {
    change([...options, '']);
    focus(options.length);
  };
  return (
    <fieldset class="replies" ref={list}>
      <legend>Quick replies</legend>
      {options.map((option, at) => (
        <span class="reply" key={at}>
          <input
            dir="auto"
            value={option}
            maxLength={200}
            placeholder={`Reply ${at + 1}`}
            aria-label={`Quick reply ${at + 1}`}
            onInput={({ currentTarget }) => put(at, currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter') return;
              event.preventDefault();
              if (at + 1 < options.length) focus(at + 1);
              else if (options.length < most && option.trim()) add();
            }}
          />
          <button
            type="button"
            class="bare"
            aria-label={`Remove quick reply ${at + 1}`}
            onClick={() => change(options.filter((_, index) => index !== at))}
          >
            <Icon name="x" />
          </button>
        </span>
      ))}
      {options.length < most && (
        <button type="button" class="bare add" aria-label="Add a quick reply" onClick={add}>
          <Icon name="plus" />
        </button>
      )}
    </fieldset>
  );
}
