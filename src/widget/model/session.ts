import { type ReadonlySignal, signal } from '@preact/signals';
import type { Disk } from '../../client/disk';
import { asFailure, type Failure } from '../../client/failure';
import type { Rest, Session } from '../../client/rest';
import { attempt, attemptJson, flag, maybe, object, text } from '../../client/shape';
import type { Storage } from '../../client/storage';
import type { Turn } from '../../client/turn';
import type { Customer } from '../../protocol/live';

export type SessionState =
  /** Nobody asked for one yet: nothing is requested, nothing stored. */
  | { phase: 'idle' }
  | { phase: 'loading' }
  | { phase: 'failed'; code: string }
  | { phase: 'ready'; token: string; customer: Customer };

/** `subject`: whom the site vouched for. */
type Kept = { token: string; customer: string; vouched: boolean; subject?: string | undefined };
const readKept = object<Kept>({ token: text, customer: text, vouched: flag, subject: maybe(text) });

const readClaims = object<{ sub: string }>({ sub: text });
/** Whom a JWT is about, to see whether it is another one; whether it is true the server says. */
const subjectOf = (jwt = '') =>
  attempt(
    (claims) => readClaims(JSON.parse(atob(claims as string))).sub,
    jwt.split('.')[1]?.replaceAll('-', '+').replaceAll('_', '/'),
  );

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
  /** The page may be frozen or thrown away: other tabs don't wait for it. */
  sleep(): void;
  stop(): void;
};

/** Whose data is kept before the first session of a browser tells. */
export const nobody = '-';

/** Says that the customer was known by another name until now: other tabs may still write under it. */
export const formerName = (site: string, customer: string, earlier: string) =>
  `guichet:${site}:${customer}:was:${earlier}`;

/** Names whose words wait until the site vouches for them again. */
export const awaitedName = (site: string) => `guichet:${site}:awaited`;

export type SessionOptions = {
  site: string;
  storage: Storage;
  /** Keeps a copy of who it is that a killed browser doesn't lose: what waits in the outbox is theirs. */
  disk: Disk;
  rest: Rest;
  /** In which one tab at a time opens a session. */
  tabsTurn: Turn;
  /** Before `state` becomes ready. `samePerson`: what the former owner wrote goes on under the new customer. */
  onReady: (session: Session, change: { from: string; samePerson: boolean }) => void;
  /** This customer is done with in this tab; `erase`: in this browser, so that everything of theirs has to go. */
  onEnd: (owner: string, erase: boolean) => void;
  onIdentityRefused: (failure: Failure) => void;
};

/** One session at a time; what is asked meanwhile waits its turn. */
export function createSession(options: SessionOptions): SessionKeeper {
  const { site, storage, disk, rest, tabsTurn } = options;
  const key = `guichet:${site}:session`;
  const copyKey = `${key}:copy`;
  const awaitedKey = awaitedName(site);
  const state = signal<SessionState>({ phase: 'idle' });
  let identity: string | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let retry: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;
  const kept = (): Kept | undefined => attemptJson(readKept, storage.get(key));
  let owner = kept()?.customer ?? nobody;
  /** Of the owner, as this tab knows it: what is kept may be another tab's customer by now. */
  let isVouched = kept()?.vouched;
  /** An identity was told, and whether it took effect isn't known: the server may have ended the guest's token for it. */
  let isUnanswered = false;

  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const done = turn.then(work);
    turn = done.catch(() => {});
    return done;
  };
  const request = (jwt: string | undefined, resume: string | undefined) =>
    rest.session({ site, ...(jwt ? { identity: jwt } : {}), ...(resume ? { resume } : {}) });

  /** On both: `storage` can be asked at once, the disk forgets nothing. */
  function keep(now: Kept | undefined): Promise<void> {
    if (now) storage.set(key, JSON.stringify(now));
    else storage.remove(key);
    return disk.write(copyKey, () => now);
  }
  async function recover(): Promise<Kept | undefined> {
    const copy = await disk.read(copyKey).catch(() => undefined);
    const found = kept() ?? attempt(readKept, copy?.get(copyKey));
    if (!found || kept()) return found;
    storage.set(key, JSON.stringify(found));
    owner = found.customer;
    isVouched = found.vouched;
    return found;
  }

  /** One tab at a time, so that the next one goes on with what this one opens. */
  async function begin(jwt: string | undefined): Promise<Session> {
    let session: Promise<Session> | undefined;
    await tabsTurn.take(() => {
      session = load(jwt);
      return session;
    });
    // Fell asleep before its turn came.
    if (!session) throw asFailure('The page was put away.');
    return session;
  }
  async function load(jwt: string | undefined): Promise<Session> {
    const earlier = kept() ?? (await recover());
    const session = await request(jwt, earlier?.token).catch((error) => {
      if (earlier && asFailure(error).code === 'SESSION_INVALID') return request(jwt, undefined);
      throw error;
    });
    const now = kept();
    // Another tab was faster (there are no locks, or this one slept): that one's guest is this browser's.
    if (now && now.token !== earlier?.token && !session.customer.vouched) return load(jwt);
    await adopt(session);
    return session;
  }

  /** Resolves once a tab that comes next can read it. */
  function adopt(session: Session): Promise<void> {
    const { token, customer } = session;
    const earlier = kept();
    const from = owner;
    const isNew = customer.id !== from;
    // An anonymous customer who signs in is the same person, here as on the server.
    const samePerson = !isNew || from === nobody || (isVouched === false && customer.vouched);
    if (!samePerson) options.onEnd(from, true);
    owner = customer.id;
    isVouched = customer.vouched;
    isUnanswered = false;
    const subject = identity ? subjectOf(identity) : earlier?.customer === owner ? earlier.subject : undefined;
    // Other tabs may still write under the earlier name.
    if (earlier && earlier.customer !== owner && !earlier.vouched && isVouched) {
      storage.set(formerName(site, owner, earlier.customer), '1');
    }
    if (isVouched) void forgetAwaited(owner);
    const written = keep({ token, customer: owner, vouched: isVouched, subject });
    failures = 0;
    clearTimeout(retry);
    options.onReady(session, { from, samePerson });
    state.value = { phase: 'ready', token, customer };
    return written;
  }

  async function openNow(): Promise<void> {
    if (state.value.phase === 'ready') return;
    if (state.value.phase === 'idle') state.value = { phase: 'loading' };
    clearTimeout(retry);
    try {
      await begin(identity);
    } catch (error) {
      const failure = asFailure(error);
      if (failure.code === 'IDENTITY_INVALID') return goOnWithout(failure);
      state.value = { phase: 'failed', code: failure.code };
      if (!failure.isFinal) retry = setTimeout(() => void keeper.open(), failure.retryAfter ?? wait(failures++));
    }
  }

  /**
   * The site's word for who this is was refused: never go on as somebody that the site vouched for earlier. It may only be too old
   * by now, so what that customer wrote stays for when the site vouches for them again.
   */
  async function goOnWithout(failure: Failure): Promise<void> {
    identity = undefined;
    isUnanswered = false;
    const former = kept();
    if (former?.vouched) {
      storage.set(awaitedKey, former.customer);
      void revoke(end(false));
    }
    options.onIdentityRefused(failure);
    state.value = { phase: 'loading' };
    await openNow();
  }

  /** Who was waited for is here, or won't come: then nothing of theirs may be left. */
  async function forgetAwaited(customer?: string): Promise<void> {
    const awaited = storage.get(awaitedKey);
    storage.remove(awaitedKey);
    if (awaited && awaited !== customer) await disk.move(`guichet:${site}:${awaited}:`);
  }
  /** Gives the token, which is still good. */
  function end(erase = true): string | undefined {
    const token = kept()?.token;
    const from = owner;
    void keep(undefined);
    owner = nobody;
    isVouched = undefined;
    clearTimeout(retry);
    options.onEnd(from, erase);
    state.value = { phase: 'idle' };
    return token;
  }
  const revoke = async (token: string | undefined) => {
    if (token) await rest.logout(token).catch(() => {});
  };

  const keeper: SessionKeeper = {
    state,
    open: () => inTurn(openNow),
    identify: (jwt, now) =>
      inTurn(async () => {
        const [former, subject] = [kept()?.subject, subjectOf(jwt)];
        // Somebody else is here: what is written until their session has come is theirs.
        if (former && subject && former !== subject) void revoke(end());
        identity = jwt;
        if (!now) return undefined;
        isUnanswered = true;
        try {
          return (await begin(jwt)).customer.id;
        } catch (error) {
          const failure = asFailure(error);
          if (failure.code === 'IDENTITY_INVALID') await goOnWithout(failure);
          else if (failure.isFinal) isUnanswered = false;
          throw failure;
        }
      }),
    logout() {
      identity = undefined;
      // At once, for the page may be gone before its turn has come; and then again, should what is under way have signed somebody in.
      const ended = end();
      const forgotten = forgetAwaited();
      return inTurn(async () => {
        const late = owner === nobody ? undefined : end();
        clearTimeout(retry);
        state.value = { phase: 'idle' };
        await Promise.all([forgotten, ...[...new Set([ended, late])].map(revoke)]);
      });
    },
    renew(ended) {
      void inTurn(async () => {
        if (state.value.phase !== 'ready') return;
        const { token } = state.value;
        if (token !== ended) return;
        if (isUnanswered) {
          state.value = { phase: 'idle' };
          return openNow();
        }
        const other = kept();
        // Where another tab has a newer session, what is kept is that customer's own to keep.
        const isReplaced = other !== undefined && other.token !== token;
        if (!isReplaced) void keep(undefined);
        options.onEnd(owner, !isReplaced && storage.get(awaitedKey) !== owner);
        owner = nobody;
        isVouched = undefined;
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
    sleep: () => tabsTurn.letGo(),
    stop: () => clearTimeout(retry),
  };
  return keeper;
}

const wait = (failures: number) => Math.min(30_000, 2_000 * 2 ** failures) * (0.75 + Math.random() / 2);
