import { useRef } from 'preact/hooks';
import type { Button } from '../../../model/placed';
import type { MessageRow } from '../../../model/rows';
import { t } from '../../../text/locale';
import { useModel } from '../../context';
import { answerWith, useLeaving } from '../answer';
import { UrlButtonPart } from '../url_button/UrlButtonPart';
import './chips.css';

/** The answers that a question offers, one tap each, in their order with the buttons that stand among them. */
export function Chips({ buttons, row }: { buttons: readonly Button[]; row: MessageRow }) {
  const model = useModel();
  const element = useRef<HTMLFieldSetElement>(null);
  useLeaving(model, element);
  return (
    <fieldset class="answers" ref={element}>
      <legend class="hidden-text">{t('answerWith')}</legend>
      {buttons.map((each) =>
        'option' in each ? (
          <button
            key={`o${each.option}`}
            type="button"
            class="chip"
            dir="auto"
            onClick={() => answerWith(model, row, each.option)}
          >
            {each.label}
          </button>
        ) : (
          <UrlButtonPart key={`b${each.button}`} part={each.url_button} button={each.button} row={row} />
        ),
      )}
    </fieldset>
  );
}
