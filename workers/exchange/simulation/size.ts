/** How large the simulated exchange is. */
export const PARTITIONS = 2;
export const ACCOUNT_SHARDS = 2;
