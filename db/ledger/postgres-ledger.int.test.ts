import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { TransferRow } from "../../schemas/ports/ledger.ts";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { SettingsError } from "../../schemas/settings.ts";
import { batchStatement } from "./batch-statement.ts";
import { auditLogContract } from "./contract/audit-log-contract.ts";
import { ledgerContract } from "./contract/ledger-contract.ts";
import {
	sampleBatch,
	sampleOrder,
	samplePrices,
	sampleTransfer,
} from "./contract/ledger-samples.ts";
import { usersContract } from "./contract/users-contract.ts";
import { holdToSchema } from "./hold-to-schema.ts";
import { applyMigrations } from "./migrate.ts";
import { orderDocument } from "./order-document.ts";
import { PostgresAuditLog } from "./postgres-audit-log.ts";
import { PostgresLedger } from "./postgres-ledger.ts";
import { PostgresPool } from "./postgres-pool.ts";
import { PostgresUsers } from "./postgres-users.ts";
import { runSql, startTestServer, type TestServer } from "./testing/test-server.ts";
import { holdToVenueNumbers } from "./venue-numbers.ts";

let server: TestServer;
beforeAll(async () => {
	server = await startTestServer();
}, 60_000);
afterAll(() => server.close(), 20_000);

ledgerContract("PostgresLedger", async () => {
	const settings = await server.freshDatabase();
	const ledger = new PostgresLedger(settings);
	const users = new PostgresUsers(settings);
	const pool = new PostgresPool(settings, 1, (client) => client);
	return {
		ledger,
		users,
		transfers: (shard) =>
			pool.run(
				(sql) => sql<TransferRow[]>`
					select kind, partition, ev_seq, n, account_id, counter_account_id, debit_asset_id,
						debit_amount, credit_asset_id, credit_amount, fee_amount, symbol_id, trade_id,
						order_id, external_id, ts
					from transfers where shard = ${shard} order by partition, ev_seq, n`,
			),
		close: async () => {
			await Promise.all([ledger.close(), users.close(), pool.close()]);
		},
	};
});

usersContract("PostgresUsers", async () => {
	const users = new PostgresUsers(await server.freshDatabase());
	return { users, close: () => users.close() };
});

auditLogContract("PostgresAuditLog", async () => {
	const auditLog = new PostgresAuditLog(await server.freshDatabase());
	return { auditLog, close: () => auditLog.close() };
});

describe("the database", () => {
	test("is migrated once, also by several at the same time", async () => {
		const settings = await server.freshDatabase();
		await Promise.all([1, 2, 3].map(() => applyMigrations(settings)));
		const rows = await runSql(settings, "select count(*) as n from drizzle.__drizzle_migrations");
		expect(rows[0]?.["n"]).toBe("14");
	});

	test("of a version that kept no prices, named no log, did not say what is answered is brought to this one", async () => {
		const settings = await server.freshDatabase();
		await runSql(settings, "drop table totps");
		await runSql(settings, "alter table leases drop column backend");
		await runSql(settings, "drop table symbol_prices");
		await runSql(settings, "drop index audit_log_by_outside_id");
		await runSql(settings, "alter table shards drop column log_id");
		await runSql(settings, "alter table positions drop column answered_seq");
		await runSql(settings, "alter table open_orders rename document to state");
		await runSql(settings, "alter table open_orders alter state type jsonb using state::jsonb");
		await runSql(
			settings,
			`delete from drizzle.__drizzle_migrations
			where id > (select max(id) - 9 from drizzle.__drizzle_migrations)`,
		);
		await runSql(settings, `insert into shards values (1, 3, 8, '{"assets":[],"symbols":[]}')`);
		await runSql(settings, "insert into positions values (1, 0, 10, 3, 9, 7, 20, 40, '', 1)");
		const order = sampleOrder(4, { clientOrderId: 'a"b', heldAmount: 12n });
		await runSql(
			settings,
			`insert into open_orders values (1, 0, 4, 7, 2, 12, '${orderDocument(order)}')`,
		);
		await applyMigrations(settings);
		const ledger = new PostgresLedger(settings);
		expect((await ledger.load(1)).openOrders).toEqual([order]);
		const positions = [{ ordersSeq: 9, heldSeq: 7, answeredSeq: 7, tradesOffset: 20 }];
		expect(await ledger.load(1)).toMatchObject({ batch: 8, prices: [], logId: null, positions });
		const prices = [samplePrices(1)];
		expect(await ledger.commit(1, sampleBatch(3, 9, { prices }))).toBe("committed");
		expect(await ledger.load(1)).toMatchObject({ prices, logId: "log" });
		await ledger.close();
	});

	test("takes the positions of account workers that do not name what is answered", async () => {
		const settings = await server.freshDatabase();
		await runSql(
			settings,
			`insert into positions (shard, partition, orders_offset, orders_epoch, orders_seq, held_seq,
				trades_offset, ev_seq, hash, last_ts) values (1, 0, 10, 3, 9, 7, 20, 40, '', 1)`,
		);
		const ledger = new PostgresLedger(settings);
		expect(await ledger.load(1)).toMatchObject({ positions: [{ heldSeq: 7, answeredSeq: 0 }] });
		await ledger.close();
	});

	test("of an earlier version is waited for, of a later one is not", async () => {
		const settings = await server.freshDatabase();
		await runSql(settings, "alter table positions add column more bigint");
		await holdToSchema(settings);
		await runSql(settings, "alter table positions drop column answered_seq");
		const waits = holdToSchema(settings);
		await expect(waits).rejects.toThrow(LedgerUnavailable);
		await expect(waits).rejects.toThrow(
			'earlier version (column "answered_seq" does not exist): ./castle stores brings it to this one',
		);
		await runSql(settings, "drop table symbol_prices cascade");
		await runSql(settings, "alter table positions add column answered_seq bigint");
		await expect(holdToSchema(settings)).rejects.toThrow('"symbol_prices" does not exist');
	});

	test("holds every process to the numbers that the venue was begun with", async () => {
		const settings = await server.freshDatabase();
		await holdToVenueNumbers(settings, { partitions: 2, accountShards: 3 });
		await holdToVenueNumbers(settings, { partitions: 2, accountShards: 3 });
		const others = holdToVenueNumbers(settings, { partitions: 2, accountShards: 4 });
		await expect(others).rejects.toThrow(SettingsError);
		await expect(others).rejects.toThrow("ACCOUNT_SHARDS=4: the venue was begun with 3");
		const fewer = holdToVenueNumbers(settings, { partitions: 1, accountShards: 3 });
		await expect(fewer).rejects.toThrow("PARTITIONS=1: the venue was begun with 2");
	});

	test("refuses to change or lose what is append-only", async () => {
		const settings = await server.freshDatabase();
		for (const table of ["audit_log", "transfers"]) {
			for (const text of [`delete from ${table}`, `truncate ${table}`]) {
				await expect(runSql(settings, text)).rejects.toThrow(`${table} is append-only`);
			}
		}
	});
});

test("closed orders are looked up by their whole key, whatever PostgreSQL knows of the table", async () => {
	const settings = await server.freshDatabase();
	const batch = sampleBatch(1, 1, { closedOrders: [{ partition: 0, seq: 1 }] });
	const { text } = batchStatement(1, batch);
	const plan = await runSql(settings, `explain (generic_plan) ${text}`);
	const lines = plan.map((line) => line["QUERY PLAN"]).join("\n");
	expect(lines).toMatch(
		/Index Cond: \(\(shard = \$1\) AND \(partition = \$\d+\) AND \(seq = ANY \(/,
	);
});

describe("PostgresLedger, when the server fails it,", () => {
	const batch = sampleBatch(1, 1, { transfers: [sampleTransfer(0)] });

	test("says unavailable when its connections are cut, and goes on with new ones", async () => {
		const settings = await server.freshDatabase();
		const ledger = new PostgresLedger(settings);
		await ledger.raiseEpoch(1, 0);
		const lock = new PostgresPool(settings, 1, (client) => client);
		await lock.run((sql) =>
			sql.begin(async (tx) => {
				await tx`set local idle_in_transaction_session_timeout = 0`;
				await tx`select * from shards for update`;
				const waiting = ledger.commit(1, batch).catch((error) => error);
				await cutOthers(settings.database);
				expect(await waiting).toBeInstanceOf(LedgerUnavailable);
			}),
		);
		expect(await ledger.commit(1, batch)).toBe("committed");
		await Promise.all([ledger.close(), lock.close()]);
	});

	test("a transaction that hangs in the middle does not keep a successor waiting", async () => {
		const settings = await server.freshDatabase();
		const ledger = new PostgresLedger(settings);
		await ledger.raiseEpoch(1, 0);
		const hanging = new PostgresPool(settings, 1, (client) => client);
		let raised: Promise<number> = Promise.resolve(0);
		const resumed = hanging.run((sql) =>
			sql.begin(async (tx) => {
				await tx`select * from shards for update`;
				// Its next word comes when the successor has been here.
				raised = ledger.raiseEpoch(1, 0);
				await raised;
				return tx`select * from shards`;
			}),
		);
		await expect(resumed).rejects.toBeInstanceOf(LedgerUnavailable);
		// The one may hear of its end before the other has its answer.
		expect(await raised).toBe(2);
		await Promise.all([ledger.close(), hanging.close()]);
	});

	test("a load may take longer than another call", async () => {
		const settings = await server.freshDatabase();
		const [ledger, other] = [1, 2].map(
			() => new PostgresLedger(settings, { callTimeoutMs: 1_000 }),
		) as [PostgresLedger, PostgresLedger];
		await ledger.raiseEpoch(1, 0);
		const locking = new PostgresPool(settings, 1, (client) => client);
		let loaded: Promise<unknown> = Promise.resolve();
		await locking.run((sql) =>
			sql.begin(async (tx) => {
				await tx`set local idle_in_transaction_session_timeout = 0`;
				await tx`lock table balances in access exclusive mode`;
				loaded = ledger.load(1).catch((error) => error);
				await expect(other.commit(1, batch)).rejects.toBeInstanceOf(LedgerUnavailable);
			}),
		);
		expect(await loaded).toMatchObject({ epoch: 1 });
		await Promise.all([ledger, other, locking].map((open) => open.close()));
	});

	test("says unavailable when the database is read-only, until it is not", async () => {
		const settings = await server.freshDatabase();
		const ledger = new PostgresLedger(settings);
		await ledger.raiseEpoch(1, 0);
		const { database } = settings;
		await runSql(settings, `alter database ${database} set default_transaction_read_only = on`);
		await cutIdle(database);
		// More calls than there are connections: none may be kept.
		for (let i = 0; i < 6; i += 1) {
			await expect(ledger.commit(1, batch)).rejects.toBeInstanceOf(LedgerUnavailable);
		}
		const admin = server.server.settings;
		await runSql(admin, `alter database ${database} set default_transaction_read_only = off`);
		// Old connections still are read-only: only new ones help.
		expect(await ledger.commit(1, batch)).toBe("committed");
		await ledger.close();
	});

	test("after close it is unavailable", async () => {
		const ledger = new PostgresLedger(await server.freshDatabase());
		await ledger.close();
		await expect(ledger.load(1)).rejects.toBeInstanceOf(LedgerUnavailable);
	});

	/** Ends the backend that waits for a lock, once there is one. */
	async function cutOthers(database: string): Promise<void> {
		for (;;) {
			const rows = await runSql(
				server.server.settings,
				`select pg_terminate_backend(pid) from pg_stat_activity
				where datname = '${database}' and wait_event_type = 'Lock'`,
			);
			if (rows.length > 0) return;
		}
	}

	async function cutIdle(database: string): Promise<void> {
		await runSql(
			server.server.settings,
			`select pg_terminate_backend(pid, 1000) from pg_stat_activity where datname = '${database}'`,
		);
	}
});
