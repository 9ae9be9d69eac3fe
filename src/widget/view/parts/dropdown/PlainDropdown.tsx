import { Chips } from '../quick_reply_button/Chips';
import type { ItemProps } from '../table';

/** A drop-down's options without its download: one can answer all the same. */
export const PlainDropdown = ({ item, row }: ItemProps<'dropdown'>) => (
  <>
    {item.caption && (
      <p class="note" dir="auto">
        {item.caption}
      </p>
    )}
    <Chips buttons={item.choices} row={row} />
  </>
);
