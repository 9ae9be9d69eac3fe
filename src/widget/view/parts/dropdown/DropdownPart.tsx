import { useSignal } from '@preact/signals';
import { useId, useRef } from 'preact/hooks';
import { t } from '../../../text/locale';
import { d } from '../../../text/parts/dropdown';
import { useModel } from '../../context';
import { answerWith, useLeaving } from '../answer';
import type { ItemProps } from '../table';
import { Combobox } from './Combobox';
import { mostInList } from './PlainDropdown';
import './dropdown.css';

/** Below eight options a list; from eight on one types to search, and on phones it is the system's own list. */
export function DropdownPart({ item: { caption, choices }, row }: ItemProps<'dropdown'>) {
  const model = useModel();
  const id = useId();
  const element = useRef<HTMLDivElement>(null);
  useLeaving(model, element);
  const answer = (option: number) => answerWith(model, row, option);
  const isPhone = model.panel.isPhone.value;
  return (
    <div class="dropdown" ref={element}>
      {caption && (
        <p class="caption" id={id} dir="auto">
          {caption}
        </p>
      )}
      {choices.length <= mostInList ? (
        <ul class="choices" aria-label={caption || t('answerWith')}>
          {choices.map(({ label, option }) => (
            <li key={option}>
              <button type="button" dir="auto" onClick={() => answer(option)}>
                {label}
              </button>
            </li>
          ))}
        </ul>
      ) : isPhone ? (
        <Native choices={choices} label={caption || d('answer')} onChoose={answer} />
      ) : (
        <Combobox choices={choices} label={caption || d('answer')} onChoose={answer} />
      )}
    </div>
  );
}

type Props = {
  choices: ItemProps<'dropdown'>['item']['choices'];
  label: string;
  onChoose: (option: number) => void;
};

/** The system's list chooses while one looks through it, on some phones: here it takes one more tap to answer. */
function Native({ choices, label, onChoose }: Props) {
  const chosen = useSignal('');
  return (
    <div class="native">
      <select
        aria-label={label}
        value={chosen.value}
        onChange={({ currentTarget }) => {
          chosen.value = currentTarget.value;
        }}
      >
        <option value="" disabled>
          {d('choose')}
        </option>
        {choices.map((choice) => (
          <option key={choice.option} value={choice.option}>
            {choice.label}
          </option>
        ))}
      </select>
      <button
        type="button"
        class="url-button"
        disabled={chosen.value === ''}
        onClick={() => chosen.peek() !== '' && onChoose(Number(chosen.peek()))}
      >
        {t('send')}
      </button>
    </div>
  );
}
