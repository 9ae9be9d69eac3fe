import { t } from '../text/locale';
import './skeleton.css';

const widths = ['62%', '48%', '70%', '38%', '56%'];

/** Shapes of a conversation that is on its way. */
export const Skeleton = () => (
  <div class="skeleton" role="status">
    <span class="hidden-text">{t('loading')}</span>
    {widths.map((inlineSize, at) => (
      <span key={inlineSize} class={at % 3 === 2 ? 'own' : ''} style={{ inlineSize }} />
    ))}
  </div>
);
