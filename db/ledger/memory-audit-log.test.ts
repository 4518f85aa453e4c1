import { auditLogContract, sha256Hex } from "./contract/audit-log-contract.ts";
import { microtaskScheduler } from "./contract/microtask-scheduler.ts";
import { MemoryAuditLog } from "./memory-audit-log.ts";
import { MemoryDatabase } from "./memory-database.ts";

auditLogContract("MemoryAuditLog", async () => ({
	auditLog: new MemoryAuditLog(new MemoryDatabase(), microtaskScheduler, sha256Hex),
	close: async () => {},
}));
