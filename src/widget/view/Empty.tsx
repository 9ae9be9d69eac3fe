import { t } from '../text/locale';
import { Avatar } from './Avatar';
import { useModel } from './context';
import { Icon } from './icons';
import './empty.css';

/** Before the first message: a greeting, and what one may ask with one tap. */
export function Empty() {
  const model = useModel();
  const { name, greeting, subtitle, suggestions = [] } = model.config.value.value;
  const say = (text: string) => {
    model.say(text);
    // The suggestions go away, and the focus must not go with them.
    model.panel.focusWish.value = { to: 'composer' };
  };
  return (
    <div class="empty">
      <div class="hero">
        <Avatar name={name ?? t('someone')} size="large" />
        <h2>
          {(greeting && <bdi>{greeting}</bdi>) ?? (
            <>
              <span>{useGreeting()}</span> <span>{t('howCanWeHelp')}</span>
            </>
          )}
        </h2>
        {subtitle && (
          <p>
            <bdi>{subtitle}</bdi>
          </p>
        )}
      </div>
      {suggestions.length > 0 && (
        // biome-ignore lint/a11y/noRedundantRoles: Safari takes the role from a list without bullets
        <ul class="suggestions" role="list" aria-label={t('suggestions')}>
          {suggestions.map(({ label, text, icon }) => (
            <li key={label}>
              <button type="button" onClick={() => say(text ?? label)}>
                {icon && <Icon name={icon} />}
                <bdi>{label}</bdi>
                <Icon name="right" class="go turns" />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** By the customer's clock; by name only when the site vouches for it. */
function useGreeting(): string {
  const state = useModel().session.state.value;
  const name = state.phase === 'ready' && state.customer.vouched ? state.customer.first_name?.trim() : undefined;
  const hour = new Date().getHours();
  const part = hour >= 5 && hour < 12 ? 'Morning' : hour >= 12 && hour < 18 ? 'Afternoon' : 'Evening';
  return name ? t(`good${part}Name`, { name }) : t(`good${part}`);
}
