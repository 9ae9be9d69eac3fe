import { plainText } from '../../../../protocol/markup';
import { Chips } from '../quick_reply_button/Chips';
import type { ItemProps } from '../table';
import { UrlButtonPart } from '../url_button/UrlButtonPart';

/** A carousel's cards without its download: what they say, one under the other, and what one can do with them. */
export const PlainCarousel = ({ item, row }: ItemProps<'carousel'>) => (
  <>
    {item.cards.map(({ title, description, callback, view }, at) => (
      <div key={at}>
        <p dir="auto">
          <b>{plainText(title)}</b> {description && plainText(description)}
        </p>
        {callback && row.options.length > 0 ? (
          <Chips buttons={view ? [callback, view] : [callback]} row={row} />
        ) : (
          view && <UrlButtonPart part={view.url_button} button={view.button} row={row} />
        )}
      </div>
    ))}
  </>
);
