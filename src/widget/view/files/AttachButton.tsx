import { useRef } from 'preact/hooks';
import { accept } from '../../model/fileRules';
import { useModel } from '../context';
import { MediaIcon } from '../mediaIcons';
import { takeFiles } from './incoming';
import { f } from './words';

/** The paper clip; the browser's own chooser behind it. */
export function AttachButton() {
  const model = useModel();
  const input = useRef<HTMLInputElement>(null);
  return (
    <>
      <button
        type="button"
        class="attach"
        aria-label={f('attach')}
        title={f('attach')}
        onClick={() => input.current?.click()}
      >
        <MediaIcon name="clip" />
      </button>
      <input
        ref={input}
        type="file"
        multiple
        hidden
        accept={accept}
        onChange={({ currentTarget }) => {
          takeFiles(model, [...(currentTarget.files ?? [])]);
          // The same file can be chosen again after it was removed.
          currentTarget.value = '';
          model.panel.focusWish.value = { to: 'composer' };
        }}
      />
    </>
  );
}
