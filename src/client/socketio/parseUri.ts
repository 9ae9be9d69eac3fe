/** What the engine wants to know of the server's address; its own reading of it dates from before `URL`. */
export function parse(address: string) {
  const { protocol, hostname, port, search } = new URL(address);
  return { protocol: protocol.slice(0, -1), host: hostname.replace(/[[\]]/g, ''), port, query: search.slice(1) };
}
