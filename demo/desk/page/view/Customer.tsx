import type { Talk } from '../talk';
import { clockTime, dayName } from '../times';
import { useDesk } from './context';
import { Face, Icon } from './icons';
import { Holder } from './List';

/** Who it is, and whether the bank vouches for that. */
export function Customer({ talk, close }: { talk: Talk; close: () => void }) {
  const desk = useDesk();
  const user = desk.people.users.value.get(talk.userId);
  const name = desk.people.customerName(talk.userId);
  const since = user ? Date.parse(user.created_time) : undefined;
  const rows: [string, string | undefined][] = [
    ['Customer number', user?.reference_id],
    ['E-mail', user?.email],
    ['Phone', user?.phone],
    ['Known since', since ? `${dayName(since, desk.now.value)}, ${clockTime(since)}` : undefined],
  ];
  return (
    <aside class="customer" aria-label="Customer">
      <button type="button" class="bare customer-close" aria-label="Close" onClick={close}>
        <Icon name="x" />
      </button>
      <Face name={name} kind="customer" />
      <h2>
        <bdi>{name}</bdi>
      </h2>
      {user?.vouched ? (
        <p class="trust" data-vouched>
          <Icon name="shield" /> Signed in at the bank
        </p>
      ) : (
        <p class="trust">
          <Icon name="alert" /> Not signed in: could be anybody
        </p>
      )}
      <dl>
        {rows.map(([label, value]) =>
          value ? (
            <div key={label}>
              <dt>{label}</dt>
              <dd>
                <bdi>{value}</bdi>
              </dd>
            </div>
          ) : null,
        )}
        <div>
          <dt>Conversation</dt>
          <dd>
            <Holder talk={talk} />
          </dd>
        </div>
      </dl>
    </aside>
  );
}
