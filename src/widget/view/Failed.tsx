import { t } from '../text/locale';
import { useModel } from './context';
import { Icon } from './icons';
import './failed.css';

const passing = new Set(['UNREACHABLE', 'TIMEOUT', 'GARBLED', 'RATE_LIMITED', 'INTERNAL', 'UNAVAILABLE']);

/** No session to be had: why, and the way out. */
export function Failed() {
  const { session, panel } = useModel();
  const state = session.state.value;
  const code = state.phase === 'failed' ? state.code : '';
  const isPassing = passing.has(code);
  const tryAgain = async () => {
    await session.open();
    if (session.state.peek().phase === 'ready') panel.focusWish.value = { to: 'composer' };
  };
  return (
    <div class="failed" role="alert">
      <span class="sign">
        <Icon name={isPassing ? 'offline' : 'alert'} />
      </span>
      <h2>{t(isPassing ? 'unreachableTitle' : 'refusedTitle')}</h2>
      <p>{isPassing ? t('unreachableText') : t('refusedText', { code })}</p>
      <button type="button" class="primary" onClick={() => void tryAgain()}>
        {t('tryAgain')}
      </button>
    </div>
  );
}
