import { plainText } from '../../../../protocol/markup';
import { Chips } from '../quick_reply_button/Chips';
import type { ItemProps } from '../table';
import { UrlButtonPart } from '../url_button/UrlButtonPart';

/** A carousel before its download is there: room for it; and, where it doesn't come, what its cards say and offer. */
export const PlainCarousel = ({ item: { cards }, row, hasFailed }: ItemProps<'carousel'> & { hasFailed: boolean }) =>
  hasFailed ? (
    <div>
      {cards.map(({ title, description, callback, view }, at) => (
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
    </div>
  ) : (
    <div class="coming" style={{ blockSize: `${roomFor(cards)}px` }} />
  );

/** As high as cards with a title of one line and a description of two are. */
const roomFor = (cards: ItemProps<'carousel'>['item']['cards']) =>
  (cards.some(({ image }) => image) ? 118 : 0) +
  (cards.some(({ description }) => description) ? 40 : 0) +
  (cards.some(({ callback }) => callback) ? 40 : 0) +
  (cards.some(({ view }) => view) ? 40 : 0) +
  (cards.length > 1 ? 40 : 0) +
  64;
