import { t } from '../text/locale';
import { useModel } from './context';
import { Icon } from './icons';
import './banners.css';

/** What the customer has to know beside the conversation. The region is always there, so that what appears in it is heard. */
export function Banners() {
  const model = useModel();
  const isOffline = model.session.state.value.phase === 'ready' && model.connection.value === 'offline';
  const isCutOff = model.session.state.value.phase === 'failed' && model.hasRows.value;
  return (
    <div role="status">
      {(isOffline || isCutOff) && (
        <p class="banner">
          <Icon name="offline" />
          {t('offlineBanner')}
        </p>
      )}
      {model.isAtRisk.value && (
        <p class="banner">
          <Icon name="alert" />
          {t('notKept')}
        </p>
      )}
      {model.notice.value === 'identity' && (
        <p class="banner">
          <Icon name="alert" />
          {t('identityNotice')}
        </p>
      )}
    </div>
  );
}
