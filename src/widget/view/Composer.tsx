import type { ReadonlySignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import type { FileTools } from '../attachments';
import { t } from '../text/locale';
import { useModel } from './context';
import { Icon } from './icons';
import './composer.css';

/** Code points left at which the counter appears. */
const countFrom = 500;

/** Enter sends, Shift+Enter makes a line; an Enter that ends an input method's composition does neither. */
export function Composer({ files }: { files: ReadonlySignal<FileTools | undefined> }) {
  const model = useModel();
  const { composer } = model;
  const takesFiles = model.takesFiles.value;
  const Files = takesFiles && files.value;
  const attachments = takesFiles ? model.attachments.value : undefined;
  const sender = attachments ?? composer;
  const field = useRef<HTMLTextAreaElement>(null);
  const draft = composer.draft.value;
  const left = composer.left.value;
  const prompt = draft ? undefined : model.panel.prompt.value;

  useLayoutEffect(() => {
    const element = field.current;
    if (!element) return;
    element.style.blockSize = 'auto';
    element.style.blockSize = `${element.scrollHeight}px`;
  }, [draft, model.panel.isOpen.value, model.panel.height.value]);

  const send = () => {
    sender.send();
    field.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // 229: Safari reports the Enter that ends a composition after its end.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    if (sender.canSend.peek()) send();
  };
  return (
    <form
      class="composer"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      {Files && <Files.Tray />}
      <div class={`box${takesFiles ? ' clips' : ''}${prompt ? ' waits' : ''}`}>
        {Files && <Files.Button />}
        <label class="writing">
          {prompt && (
            <span class="prompt" aria-hidden="true">
              {prompt[0]} <b>{prompt[1]}</b>
            </span>
          )}
          <textarea
            ref={field}
            rows={1}
            value={draft}
            dir="auto"
            aria-label={t('writeMessage')}
            placeholder={prompt?.join(' ') ?? model.config.value.value.texts?.placeholder ?? t('writeMessage')}
            aria-invalid={left < 0}
            aria-describedby={left < countFrom ? 'left' : undefined}
            enterkeyhint="send"
            autocomplete="off"
            onInput={({ currentTarget }) => {
              composer.write(currentTarget.value);
              if (currentTarget.value) model.typing();
            }}
            onKeyDown={onKeyDown}
          />
        </label>
        <button
          type="submit"
          class={sender.canSend.value ? 'send ready' : 'send'}
          disabled={!sender.canSend.value}
          aria-label={t('send')}
          title={t('send')}
        >
          <Icon name="up" />
        </button>
      </div>
      {left < countFrom && (
        <p id="left" class={left < 0 ? 'left over' : 'left'} role="status">
          {left < 0 ? t('tooMany', { count: -left }) : t('left', { count: left })}
        </p>
      )}
    </form>
  );
}
