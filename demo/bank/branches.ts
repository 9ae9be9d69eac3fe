export type Branch = {
  name: string;
  address: [street: string, town: string];
  what: string;
  hours: [days: string, hours: string][];
  way: string;
};

export const branches: readonly Branch[] = [
  {
    name: 'Counter Square',
    address: ['1 Counter Square', '1000 Avenmouth'],
    what: 'The head office',
    hours: [
      ['Monday to Friday', '9 to 17'],
      ['Saturday and Sunday', 'closed'],
    ],
    way: 'Tram 1 and 4 stop at the door. The entrance on Lantern Street has no step.',
  },
  {
    name: 'Harbour',
    address: ['22 Quay Street', '1002 Avenmouth'],
    what: 'Beside the ferry',
    hours: [
      ['Monday to Saturday', '10 to 18'],
      ['Sunday', 'closed'],
    ],
    way: 'Two minutes on foot from the pier, on the side of the lighthouse.',
  },
  {
    name: 'North Gate',
    address: ['5 Orchard Row', '1011 Avenmouth'],
    what: 'With a cash machine day and night',
    hours: [
      ['Monday to Friday', '9 to 13'],
      ['Cash machine', 'at any hour'],
    ],
    way: 'Bus 12 to Orchard Row; parking behind the house.',
  },
];
