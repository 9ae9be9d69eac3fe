import { signal } from '@preact/signals';
import type { Api } from './api';
import type { Agent, User } from './wire';

/** Who is who: customers and agents, asked for when they are first seen. */
export function peopleOf(api: Api, failed: (error: unknown) => void) {
  const users = signal<ReadonlyMap<string, User>>(new Map());
  const agents = signal<ReadonlyMap<string, Agent>>(new Map());
  const asked = new Set<string>();
  let wanted = new Set<string>();
  let isWaiting = false;

  function later(): void {
    isWaiting = true;
    setTimeout(() => void fetchUsers(), 30);
  }
  async function fetchUsers(): Promise<void> {
    isWaiting = false;
    const ids = [...wanted].slice(0, 100);
    wanted = new Set([...wanted].slice(100));
    if (wanted.size > 0) later();
    try {
      const answer = await api<{ users: User[] }>('POST', '/users/fetch', { ids });
      users.value = new Map([...users.value, ...answer.users.map((user) => [user.id, user] as const)]);
    } catch (error) {
      for (const id of ids) asked.delete(id);
      failed(error);
    }
  }

  return {
    users,
    agents,
    /** Asks for customers that are not known yet, many at once. */
    want(ids: readonly string[]) {
      for (const id of ids) {
        if (!id || asked.has(id)) continue;
        asked.add(id);
        wanted.add(id);
      }
      if (wanted.size > 0 && !isWaiting) later();
    },
    /** Asks anew for one: what is known of a customer changes. */
    look(id: string) {
      asked.delete(id);
      this.want([id]);
    },
    async loadAgents() {
      try {
        const answer = await api<{ agents: Agent[] }>('GET', '/agents?items_per_page=100');
        agents.value = new Map(answer.agents.map((agent) => [agent.id, agent]));
      } catch (error) {
        failed(error);
      }
    },
    isBot: (id: string) => agents.value.get(id)?.actor_type === 'bot',
    agentName(id: string): string {
      const agent = agents.value.get(id);
      return agent ? [agent.first_name, agent.last_name].filter(Boolean).join(' ') || 'Agent' : 'Agent';
    },
    /** A customer's name, or what one can call somebody who gave none. */
    customerName(id: string): string {
      const user = users.value.get(id);
      const name = [user?.first_name, user?.last_name].filter(Boolean).join(' ').trim();
      return name || user?.email || `Guest ${id.slice(-4).toUpperCase()}`;
    },
  };
}
export type People = ReturnType<typeof peopleOf>;
