import { expect, test } from "bun:test";
import type { AuditEntryOnce } from "../../schemas/ports/audit-log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { auditLogContract, sha256Hex } from "./contract/audit-log-contract.ts";
import { microtaskScheduler } from "./contract/microtask-scheduler.ts";
import { silentLogger } from "./contract/silent-logger.ts";
import { LoggedAuditLog } from "./logged-audit-log.ts";
import { MemoryAuditLog } from "./memory-audit-log.ts";
import { MemoryDatabase } from "./memory-database.ts";

const inMemory = () => new MemoryAuditLog(new MemoryDatabase(), microtaskScheduler, sha256Hex);

auditLogContract("LoggedAuditLog", async () => ({
	auditLog: new LoggedAuditLog(inMemory(), silentLogger),
	close: async () => {},
}));

test("an entry is told when it is written, whose it was and no more, and not when it could not be", async () => {
	const told: unknown[] = [];
	const logger: Logger = {
		...silentLogger,
		info: (message, fields) => told.push([message, fields]),
	};
	const entry: AuditEntryOnce = {
		...{ atMs: 1, actor: "operator", action: "deposit", subject: "user:7" },
		details: { userId: 7, scopes: "read", id: "wire-77", amount: "5" },
	};
	const line = {
		userId: 7,
		scopes: "read",
		actor: "operator",
		action: "deposit",
		subject: "user:7",
	};
	await new LoggedAuditLog(inMemory(), logger).append(entry);
	await new LoggedAuditLog(inMemory(), logger).appendOnce(entry);
	expect(told).toEqual([
		["audit", line],
		["audit", line],
	]);
	const away = inMemory();
	away.append = () => Promise.reject(new Error("away"));
	await expect(new LoggedAuditLog(away, logger).append(entry)).rejects.toThrow("away");
	expect(told).toHaveLength(2);
});
