import { t } from '../text/locale';
import { Avatar } from './Avatar';
import { useModel } from './context';
import { Icon } from './icons';
import './header.css';

/** `isBare`: the empty state says itself who this is. */
export function Header({ isBare }: { isBare: boolean }) {
  const model = useModel();
  const { name } = model.config.value.value;
  return (
    <header class={isBare ? 'header bare' : 'header'}>
      {!isBare && <Avatar name={name ?? t('someone')} />}
      <div class={isBare ? 'hidden-text' : 'grow'}>
        <h1 dir="auto">{name ?? t('someone')}</h1>
        <Status />
      </div>
      <button
        type="button"
        class="icon-button"
        aria-label={t('minimise')}
        title={t('minimise')}
        onClick={() => model.minimise(true)}
      >
        <Icon name="down" />
      </button>
    </header>
  );
}

function Status() {
  const model = useModel();
  const { phase } = model.session.state.value;
  const connection = phase === 'idle' ? 'online' : phase === 'failed' ? 'offline' : model.connection.value;
  const text = connection === 'online' ? (model.config.value.value.status_line ?? t('online')) : t(connection);
  return (
    <p class="status">
      <span class={`dot ${connection}`} aria-hidden="true" />
      <bdi class="line">{text}</bdi>
    </p>
  );
}
