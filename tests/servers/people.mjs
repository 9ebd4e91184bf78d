// The users that every server of the tests knows; the Django one has the same in accounts/seed.py.
export const PASSWORD = 'correct horse battery staple';

const ACME = { id: 'acme', subscription: { status: 'active' } };
const OTHER = { id: 'other', subscription: { status: 'past_due' } };

export const PEOPLE = [
  { id: 'user-1', name: 'ada', firstName: 'Ada', lastName: '', role: 'admin', org: ACME },
  { id: 'user-2', name: 'bob', firstName: 'Bob', lastName: '', role: 'rvt', org: ACME },
  { id: 'user-3', name: 'eve', firstName: 'Eve', lastName: '', role: 'user', org: OTHER },
];

export const emailOf = (name) => `${name}@example.com`;
