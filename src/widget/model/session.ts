import { type ReadonlySignal, signal } from '@preact/signals';
import type { Disk } from '../../client/disk';
import { asFailure, type Failure } from '../../client/failure';
import type { Rest, Session } from '../../client/rest';
import { attempt, attemptJson, flag, object, text } from '../../client/shape';
import type { Storage } from '../../client/storage';
import type { Customer } from '../../protocol/live';

export type SessionState =
  /** Nobody asked for one yet: nothing is requested, nothing stored. */
  | { phase: 'idle' }
  | { phase: 'loading' }
  | { phase: 'failed'; code: string }
  | { phase: 'ready'; token: string; customer: Customer };

type Kept = { token: string; customer: string; vouched: boolean };
const readKept = object<Kept>({ token: text, customer: text, vouched: flag });

export type SessionKeeper = {
  state: ReadonlySignal<SessionState>;
  /** Opens or resumes a session, unless there is one. */
  open(): Promise<void>;
  /** Tells who the customer is, now or with the next session; throws `Failure`. Gives the customer's id. */
  identify(identity: string, now: boolean): Promise<string | undefined>;
  logout(): Promise<void>;
  /** The server ended this token; by now there may be another, which it doesn't concern. */
  renew(ended: string): void;
  /** True when an earlier visit left a token to go on with. */
  canResume(): boolean;
  /** Somebody who may have a history: worth waiting for. */
  isExpected(): boolean;
  /** Whose data this browser holds: the session's customer, the one of the last visit, or nobody's yet. */
  owner(): string;
  /** No other tab has gone on as somebody else. */
  isCurrent(): boolean;
  stop(): void;
};

/** Whose data is kept before the first session of a browser tells. */
export const nobody = '-';

export type SessionOptions = {
  site: string;
  storage: Storage;
  /** Keeps a copy of who it is that a killed browser doesn't lose: what waits in the outbox is theirs. */
  disk: Disk;
  rest: Rest;
  /** Before `state` becomes ready. `samePerson`: what the former owner wrote goes on under the new customer. */
  onReady: (session: Session, change: { from: string; samePerson: boolean }) => void;
  /** This customer is done with in this tab; `erase`: in this browser, so that everything of theirs has to go. */
  onEnd: (owner: string, erase: boolean) => void;
  onIdentityRefused: (failure: Failure) => void;
};

/** One session at a time; what is asked meanwhile waits its turn. */
export function createSession(options: SessionOptions): SessionKeeper {
  const { site, storage, disk, rest } = options;
  const key = `guichet:${site}:session`;
  const copyKey = `${key}:copy`;
  const state = signal<SessionState>({ phase: 'idle' });
  let identity: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const kept = (): Kept | undefined => attemptJson(readKept, storage.get(key));
  let owner = kept()?.customer ?? nobody;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const request = (jwt: string | undefined, resume: string | undefined) =>
    rest.session({ site, ...(jwt ? { identity: jwt } : {}), ...(resume ? { resume } : {}) });

  /** On both: `storage` can be asked at once, the disk forgets nothing. */
  function keep(now: Kept | undefined): void {
    if (now) storage.set(key, JSON.stringify(now));
    else storage.remove(key);
    void disk.write(copyKey, () => now);
  }
  async function recover(): Promise<Kept | undefined> {
    const copy = await disk.read(copyKey).catch(() => undefined);
    const found = kept() ?? attempt(readKept, copy?.get(copyKey));
    if (!found || kept()) return found;
    storage.set(key, JSON.stringify(found));
    owner = found.customer;
    return found;
  }

  async function load(jwt: string | undefined): Promise<Session> {
    const earlier = kept() ?? (await recover());
    try {
      return await request(jwt, earlier?.token);
    } catch (error) {
      const failure = asFailure(error);
      if (earlier && failure.isSessionOver && failure.code === 'SESSION_INVALID') return request(jwt, undefined);
      throw failure;
    }
  }

  function adopt(session: Session): void {
    const { token, customer } = session;
    const earlier = kept();
    const from = owner;
    const isNew = customer.id !== from;
    // An anonymous customer who signs in is the same person, here as on the server.
    const samePerson = !isNew || from === nobody || (earlier?.vouched === false && customer.vouched);
    if (!samePerson) options.onEnd(from, true);
    owner = customer.id;
    keep({ token, customer: customer.id, vouched: customer.vouched });
    failures = 0;
    clearTimeout(retry);
    options.onReady(session, { from, samePerson });
    state.value = { phase: 'ready', token, customer };
  }

  async function openNow(): Promise<void> {
    if (state.value.phase === 'ready') return;
    if (state.value.phase === 'idle') state.value = { phase: 'loading' };
    clearTimeout(retry);
    try {
      adopt(await load(identity));
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === 'IDENTITY_INVALID') return goOnWithout(failure);
      state.value = { phase: 'failed', code: failure.code };
      if (!failure.isFinal) retry = setTimeout(() => void keeper.open(), failure.retryAfter ?? wait(failures++));
    }
  }

  /** The site's word for who this is was refused: never go on as somebody that the site vouched for earlier. */
  async function goOnWithout(failure: Failure): Promise<void> {
    identity = undefined;
    options.onIdentityRefused(failure);
    if (kept()?.vouched) await end();
    state.value = { phase: 'loading' };
    await openNow();
  }

  async function end(): Promise<void> {
    const earlier = kept();
    const from = owner;
    keep(undefined);
    owner = nobody;
    clearTimeout(retry);
    options.onEnd(from, true);
    state.value = { phase: 'idle' };
    if (earlier) await rest.logout(earlier.token).catch(() => {});
  }

  const keeper: SessionKeeper = {
    state,
    open: () => inTurn(openNow),
    identify: (jwt, now) =>
      inTurn(async () => {
        identity = jwt;
        if (!now) return undefined;
        try {
          const session = await load(jwt);
          adopt(session);
          return session.customer.id;
        } catch (error) {
          const failure = asFailure(error);
          if (failure.code === 'IDENTITY_INVALID') await goOnWithout(failure);
          throw failure;
        }
      }),
    logout: () =>
      inTurn(async () => {
        identity = undefined;
        await end();
      }),
    renew(ended) {
      void inTurn(async () => {
        if (state.value.phase !== 'ready') return;
        const { token } = state.value;
        if (token !== ended) return;
        const other = kept();
        // Where another tab has a newer session, what is kept is that customer's own to keep.
        const isReplaced = other !== undefined && other.token !== token;
        if (!isReplaced) keep(undefined);
        options.onEnd(owner, !isReplaced);
        owner = nobody;
        // Who logged out elsewhere must not be signed in again by a token that this page still holds.
        identity = undefined;
        state.value = { phase: 'idle' };
        if (isReplaced) await openNow();
      });
    },
    canResume: () => kept() !== undefined,
    isExpected: () => identity !== undefined || kept() !== undefined,
    owner: () => owner,
    isCurrent: () => kept()?.customer === owner,
    stop: () => clearTimeout(retry),
  };
  return keeper;
}

const wait = (failures: number) => Math.min(30_000, 2_000 * 2 ** failures) * (0.75 + Math.random() / 2);
