/** Said with every sign that the log is not the one that the ledger has seen: where the way back is. */
export const LOG_LOST = "the log has lost data (the way back: docs/runbooks/log-lost.md)";
