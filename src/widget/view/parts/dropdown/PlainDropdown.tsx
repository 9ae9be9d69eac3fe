import { Chips } from '../quick_reply_button/Chips';
import type { ItemProps } from '../table';

/** A drop-down before its download is there: room for it; and, where it doesn't come, its options as chips. */
export const PlainDropdown = ({ item, row, hasFailed }: ItemProps<'dropdown'> & { hasFailed: boolean }) =>
  hasFailed ? (
    <>
      {item.caption && (
        <p class="note" dir="auto">
          {item.caption}
        </p>
      )}
      <Chips buttons={item.choices} row={row} />
    </>
  ) : (
    <div class="coming" style={{ blockSize: `${roomFor(item)}px` }} />
  );

/** As many options as one takes in at a glance: these stand there as a list, one tap each. */
export const mostInList = 7;

const roomFor = ({ caption, choices }: ItemProps<'dropdown'>['item']) =>
  (caption ? 27 : 0) + (choices.length <= mostInList ? choices.length * 45 + 1 : 46) + 10;
