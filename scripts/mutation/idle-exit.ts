/** How a test run ends in which nothing happens any more. */
export const IDLE_EXIT = 86;
