import { post } from '../messages';
import { type Surroundings, say, type Talk, type Turn } from '../talk';
import { menuBut } from './menu';

export const findBranch = (talk: Talk, { bankOrigin }: Surroundings): Turn =>
  say(
    { ...talk, step: 'open' },
    post(
      [
        'We have three branches in Avenmouth:',
        {
          image: {
            url: `${bankOrigin}/assets/branches.png`,
            alt_text:
              'Map of Avenmouth with three branches: Counter Square in the middle, Harbour by the ferry, North Gate in the north',
            width: 720,
            height: 432,
            content_type: 'image/png',
          },
        },
        '<ol><li><b>Counter Square</b>, 1 Counter Square, the head office<br>Monday to Friday, 9 to 17</li><li><b>Harbour</b>, 22 Quay Street, beside the ferry<br>Monday to Saturday, 10 to 18</li><li><b>North Gate</b>, 5 Orchard Row, cash at any hour<br>Monday to Friday, 9 to 13</li></ol><p>On the telephone: <a href="tel:0005550142">000 555 0142</a></p>',
        { url_button: { label: 'Hours and ways there', url: `${bankOrigin}/branches`, target: '_blank' } },
      ],
      menuBut('branch'),
    ),
  );
