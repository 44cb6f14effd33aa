/** Key of the memo of a workflow that publishes what a gate had held. */
export const RELEASED = 'released';
