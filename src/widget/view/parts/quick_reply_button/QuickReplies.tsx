import type { Option } from '../../../../protocol/options';
import { t } from '../../../text/locale';
import { useModel } from '../../context';
import './quickReplies.css';

/** The answers that a question offers; one tap answers. */
export function QuickReplies({ messageId, options }: { messageId: string; options: readonly Option[] }) {
  const model = useModel();
  const answer = (option: number) => {
    model.answer(messageId, option);
    // The chips go away, and the focus must not go with them.
    model.panel.focusWish.value = { to: 'composer' };
  };
  return (
    <fieldset class="answers">
      <legend class="hidden-text">{t('answerWith')}</legend>
      {options.map(({ label }, option) => (
        <button key={option} type="button" class="chip" dir="auto" onClick={() => answer(option)}>
          {label}
        </button>
      ))}
    </fieldset>
  );
}
