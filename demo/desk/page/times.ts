const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat('en-GB', { weekday: 'short' });
const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const longDate = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long' });

const dayOf = (time: number) => new Date(time).toDateString();

export const clockTime = (time: number): string => clock.format(time);

/** For a list: as short as it goes. */
export function shortTime(time: number, now: number): string {
  if (now - time < minute) return 'now';
  if (now - time < hour) return `${Math.floor((now - time) / minute)} min`;
  if (dayOf(time) === dayOf(now)) return clock.format(time);
  return now - time < 6 * day ? weekday.format(time) : date.format(time);
}

/** How long somebody waits: `under a minute`, `4 min`, `2 h 5 min`, `3 days`. */
export function span(milliseconds: number): string {
  if (milliseconds < minute) return 'under a minute';
  if (milliseconds < hour) return `${Math.floor(milliseconds / minute)} min`;
  const hours = Math.floor(milliseconds / hour);
  const minutes = Math.floor((milliseconds % hour) / minute);
  if (hours < 24) return minutes ? `${hours} h ${minutes} min` : `${hours} h`;
  const days = Math.floor(hours / 24);
  return days === 1 ? '1 day' : `${days} days`;
}

export function dayName(time: number, now: number): string {
  if (dayOf(time) === dayOf(now)) return 'Today';
  if (dayOf(time) === dayOf(now - day)) return 'Yesterday';
  return longDate.format(time);
}

export const isSameDay = (a: number, b: number): boolean => dayOf(a) === dayOf(b);
