/**
 * Who writes next. One at a time, and among those who wait each party in its turn: a thousand writes by one bot keep
 * that bot waiting, and everybody else for one write. Between two turns the event loop comes round, so that whoever asks
 * meanwhile is heard: a database that answers at once would otherwise keep the process from reading its sockets.
 */
export type Turns = {
  /** Resolves when it's this party's turn; what it gives ends the turn. */
  take(party: string): Promise<() => void>;
};

export function createTurns(): Turns {
  /** In the order in which their turns come; what one party wants, in the order in which it asked. */
  const waiting = new Map<string, (() => void)[]>();
  let isTaken = false;

  function end(): void {
    const [next] = waiting;
    if (!next) {
      isTaken = false;
      return;
    }
    const [party, [begin, ...rest]] = next;
    waiting.delete(party);
    if (rest.length > 0) waiting.set(party, rest); // Behind all the others.
    if (begin) setImmediate(begin);
  }

  return {
    take(party) {
      if (!isTaken) {
        isTaken = true;
        return Promise.resolve(end);
      }
      return new Promise((resolve) => {
        const own = waiting.get(party);
        const begin = () => resolve(end);
        if (own) own.push(begin);
        else waiting.set(party, [begin]);
      });
    },
  };
}
