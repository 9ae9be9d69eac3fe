import { useId, useRef } from 'preact/hooks';
import { plainText } from '../../../../protocol/markup';
import type { Card as CardOf } from '../../../model/placed';
import type { MessageRow } from '../../../model/rows';
import { c } from '../../../text/parts/carousel';
import { useModel } from '../../context';
import { Icon } from '../../icons';
import { answerWith, useLeaving } from '../answer';
import { Picture } from '../image/Picture';
import type { ItemProps } from '../table';
import { Words } from '../text/Words';
import { UrlButtonPart } from '../url_button/UrlButtonPart';
import { useTrack } from './track';
import './carousel.css';

/** Cards side by side: https://www.w3.org/WAI/ARIA/apg/patterns/carousel/, one that never turns by itself. */
export function CarouselPart({ item: { title, cards }, row }: ItemProps<'carousel'>) {
  const { panel } = useModel();
  const element = useRef<HTMLDivElement>(null);
  const { at, canScroll, isAtStart, isAtEnd, go, onKeyDown } = useTrack(element, cards.length);
  const step = (by: 1 | -1) => {
    const now = go(by);
    const card = cards[now];
    if (card) panel.announce(c('ofTitle', { n: now + 1, count: cards.length, title: plainText(card.title) }));
  };
  return (
    <section aria-roledescription={c('carousel')} aria-label={plainText(title) || c('choices')}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: the arrow keys of the buttons in it */}
      <div class={cards.length > 1 ? 'track' : 'track single'} ref={element} onKeyDown={onKeyDown}>
        {cards.map((card, nth) => (
          <Card key={nth} card={card} row={row} nth={nth} count={cards.length} />
        ))}
      </div>
      {canScroll.value && (
        <div class="steps" aria-live="off">
          <span class="position">{c('of', { n: at.value + 1, count: cards.length })}</span>
          <Step name="previous" isOver={isAtStart.value} onClick={() => step(-1)} />
          <Step name="next" isOver={isAtEnd.value} onClick={() => step(1)} />
        </div>
      )}
    </section>
  );
}

/** At the end it says so, and keeps the focus. */
const Step = ({ name, isOver, onClick }: { name: 'previous' | 'next'; isOver: boolean; onClick: () => void }) => (
  <button
    type="button"
    class={name}
    aria-label={c(name)}
    title={c(name)}
    aria-disabled={isOver}
    onClick={() => !isOver && onClick()}
  >
    <Icon name="right" class="turns" />
  </button>
);

function Card({ card, row, nth, count }: { card: CardOf; row: MessageRow; nth: number; count: number }) {
  const model = useModel();
  const id = useId();
  const { description, image, callback, view } = card;
  const title = plainText(card.title);
  const isChosen = callback !== undefined && callback.option === row.chosen;
  const canAnswer = callback !== undefined && row.options.length > 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a card is no set of fields
    <div
      class={`card${isChosen ? ' picked' : ''}`}
      role="group"
      aria-roledescription={c('card')}
      aria-label={count > 1 ? c('ofTitle', { n: nth + 1, count, title }) : title}
    >
      {image && (
        <div class="on-card">
          <Picture url={image.url} alt={image.alt_text} contentType={image.content_type} fit="cover" />
        </div>
      )}
      <div class="body">
        <p class="title" id={id} dir="auto">
          {title}
        </p>
        {description && (
          <div class="description" dir="auto">
            <Words text={description} />
          </div>
        )}
        <div class="ways">
          {isChosen && (
            <p class="mark">
              <Icon name="check" />
              {c('chosen')}
            </p>
          )}
          {canAnswer && (
            <Choose label={callback.label} describedBy={id} onClick={() => answerWith(model, row, callback.option)} />
          )}
          {view && <UrlButtonPart part={view.url_button} button={view.button} row={row} />}
        </div>
      </div>
    </div>
  );
}

function Choose({ label, describedBy, onClick }: { label: string; describedBy: string; onClick: () => void }) {
  const element = useRef<HTMLButtonElement>(null);
  useLeaving(useModel(), element);
  return (
    <button ref={element} type="button" class="choose" dir="auto" aria-describedby={describedBy} onClick={onClick}>
      {label}
    </button>
  );
}
