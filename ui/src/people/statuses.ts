/** What one can say of being there, in the order in which it is offered. */
export const statuses = ['online', 'away', 'busy', 'offline'] as const;

export type Status = (typeof statuses)[number];
