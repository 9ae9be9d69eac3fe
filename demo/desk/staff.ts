/** The bank's people who answer in the chat. A bank would ask its own directory. */
export type Agent = { key: AgentKey; name: string; email: string };
export const agentKeys = ['mira', 'jonas'] as const;
export type AgentKey = (typeof agentKeys)[number];

export const deskPassword = 'good-morning';

export const staff = [
  { key: 'mira', name: 'Mira Okafor', email: 'mira@agbank.example' },
  { key: 'jonas', name: 'Jonas Lind', email: 'jonas@agbank.example' },
] as const satisfies readonly Agent[];

export const agentByEmail = (email: string): Agent | undefined =>
  staff.find((each) => each.email === email.trim().toLowerCase());
