import { ApiError, type GuichetApi } from '../guichetApi';
import type { Customer } from './customers';

export type Put = 'created' | 'updated' | 'unchanged';
type User = Omit<Customer, 'properties'> & {
  id: string;
  vouched?: boolean;
  properties?: { name: string; value: unknown }[];
};

const patience = 10 * 60_000;

/**
 * Makes the customer, or changes what differs. Known by `reference_id`, else by e-mail. An e-mail is a claim and no proof:
 * a user found by it alone is given a reference only with `linkByEmail`.
 *
 * @param options.key idempotency key of the row
 * @throws ApiError; 409 when an e-mail belongs to several
 */
export async function putCustomer(
  api: GuichetApi,
  customer: Customer,
  options: { key: string; linkByEmail: boolean },
): Promise<Put> {
  const known = await find();
  if (known) return update(known);
  try {
    await api('/v2/users', { method: 'POST', body: customer, idempotencyKey: options.key, patience });
    return 'created';
  } catch (error) {
    // Somebody else made it meanwhile.
    const other = error instanceof ApiError && error.status === 409 ? await find() : undefined;
    if (other) return update(other);
    throw error;
  }

  async function find(): Promise<User | undefined> {
    const { reference_id: reference, email } = customer;
    if (reference) {
      const users = await list('reference_id', reference);
      const same = users.filter((user) => user.reference_id === reference);
      const found = same.find((user) => user.vouched) ?? same[0];
      if (found || !options.linkByEmail) return found;
    }
    if (!email) return undefined;
    const users = await list('email', email);
    const same = users.filter(
      (user) => user.email?.toLowerCase() === email.toLowerCase() && !(reference && user.reference_id),
    );
    const vouched = same.filter((user) => user.vouched);
    const [found, ...others] = vouched.length > 0 ? vouched : same;
    if (others.length > 0) {
      throw new ApiError(409, 'SEVERAL', `${others.length + 1} users have this e-mail; give the row a reference_id`);
    }
    return found;
  }

  async function list(field: 'reference_id' | 'email', value: string): Promise<User[]> {
    const answer = await api(`/v2/users?${field}=${encodeURIComponent(value)}&items_per_page=100`, { patience });
    return Array.isArray(answer.users) ? (answer.users as User[]) : [];
  }

  async function update(user: User): Promise<Put> {
    const { properties: wanted = [], ...fields } = customer;
    const changes = Object.entries(fields).filter(([name, value]) => user[name as keyof User] !== value);
    const old = user.properties ?? [];
    const changed = wanted.filter(({ name, value }) => old.find((each) => each.name === name)?.value !== value);
    if (changes.length === 0 && changed.length === 0) return 'unchanged';
    // The list is replaced as a whole: what the file doesn't speak of has to be said again.
    const kept = old.filter(({ name }) => !changed.some((each) => each.name === name));
    const properties = changed.length > 0 ? { properties: [...kept, ...changed] } : {};
    const body = { ...Object.fromEntries(changes), ...properties };
    await api(`/v2/users/${encodeURIComponent(user.id)}`, { method: 'PUT', body, patience });
    return 'updated';
  }
}
