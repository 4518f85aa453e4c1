import { afterAll, beforeAll, expect, test } from "bun:test";
import { type AddressInfo, createServer } from "node:net";
import { LedgerUnavailable } from "../../schemas/ports/ledger.ts";
import { PostgresLeases } from "../lease/postgres-leases.ts";
import { askedPassword } from "./asked-password.ts";
import type { PostgresSettings } from "./connection-settings.ts";
import { createDatabase } from "./create-database.ts";
import { setPassword } from "./embedded/set-password.ts";
import { iamTokens } from "./iam-tokens.ts";
import { applyMigrations } from "./migrate.ts";
import { PostgresAuditLog } from "./postgres-audit-log.ts";
import { PostgresLedger } from "./postgres-ledger.ts";
import { PostgresPool, type RawClient } from "./postgres-pool.ts";
import { PostgresUsers } from "./postgres-users.ts";
import { giveAwsKeys } from "./testing/aws-keys.ts";
import { testCertificate } from "./testing/test-certificate.ts";
import { runSql } from "./testing/test-server.ts";
import { startTlsServer, type TlsServer } from "./testing/tls-server.ts";
import { holdToVenueNumbers } from "./venue-numbers.ts";

let server: TlsServer;
let takeKeys: () => void;
beforeAll(async () => {
	takeKeys = giveAwsKeys();
	server = await startTlsServer();
}, 60_000);
afterAll(async () => {
	takeKeys();
	await server.close();
}, 20_000);

/** The server takes what was made last, and nothing else. */
function renewing(make: () => Promise<string>): () => Promise<string> {
	return async () => {
		const password = await make();
		await setPassword(server.admin, password);
		return password;
	};
}

function poolOf(password: PostgresSettings["password"]) {
	const settings = { ...server.remote, password };
	return new PostgresPool(settings, 1, (client) => client);
}

function connectionOf(pool: PostgresPool<RawClient>, timeoutMs = 15_000) {
	return pool.run(async (sql) => {
		const [row] = await sql<{ pid: number; ssl: boolean }[]>`
			select pid, ssl from pg_stat_ssl where pid = pg_backend_pid()`;
		return row;
	}, timeoutMs);
}

test("is asked for at every connect, and only then", async () => {
	let asked = 0;
	const pool = poolOf(renewing(async () => `password ${++asked}`));
	const first = await connectionOf(pool);
	expect(first).toMatchObject({ ssl: true });
	expect(await connectionOf(pool)).toEqual(first);
	expect(asked).toBe(1);
	await runSql(server.admin, `select pg_terminate_backend(${first?.pid}, 1000)`);
	// The driver may find out by asking.
	await connectionOf(pool).catch(() => {});
	expect((await connectionOf(pool))?.pid).not.toBe(first?.pid);
	expect(asked).toBe(2);
	const late = poolOf(async () => "password 1");
	await expect(connectionOf(late)).rejects.toThrow("password authentication failed");
	await Promise.all([pool.close(), late.close()]);
});

test.each([
	["no authority", "localhost", () => null],
	["another authority", "localhost", () => testCertificate("localhost").certificate],
	["its authority, for another name", "127.0.0.1", () => server.remote.tls.ca],
])("a server whose certificate is vouched for by %s is told nothing", async (_, host, ca) => {
	await setPassword(server.admin, "right");
	const settings = { ...server.remote, host, password: "right", tls: { ca: ca() } };
	const pool = new PostgresPool(settings, 1, (client) => client);
	await expect(connectionOf(pool)).rejects.toThrow(/certificate|altnames/i);
	await pool.close();
});

test("a token as long as a role's lets in all that the ledger's database is for", async () => {
	const { host, port, user } = server.remote;
	const tokens: string[] = [];
	const make = iamTokens({ host, port, user, region: "eu-central-1" });
	const password = renewing(async () => {
		const token = await make();
		tokens.push(token);
		return token;
	});
	const settings = { ...server.remote, database: "by_token", password };
	expect(await createDatabase(settings)).toBe(true);
	await applyMigrations(settings);
	await holdToVenueNumbers(settings, { partitions: 1, accountShards: 1 });
	const ledger = new PostgresLedger(settings);
	expect(await ledger.raiseEpoch(1, 0)).toBe(1);
	await ledger.close();
	const users = new PostgresUsers(settings);
	expect(await users.userById(1)).toBeNull();
	await users.close();
	const audit = new PostgresAuditLog(settings);
	expect(await audit.read(1, 1)).toEqual([]);
	await audit.close();
	const leases = new PostgresLeases(settings);
	expect(await leases.take("shard", "me", null)).toMatchObject({ isMine: true });
	await leases.close();
	expect(tokens.length).toBeGreaterThanOrEqual(7);
	expect(tokens[0]?.length).toBeGreaterThan(1_600);
});

test("not to be had, whoever asks is told why, and the next is asked anew", async () => {
	let asked = 0;
	const pool = poolOf(
		renewing(async () => {
			asked += 1;
			if (asked === 1) throw new Error("no keys to sign with");
			return `password ${asked}`;
		}),
	);
	const failed = connectionOf(pool);
	await expect(failed).rejects.toBeInstanceOf(LedgerUnavailable);
	await expect(failed).rejects.toThrow("no password for PostgreSQL: no keys to sign with");
	expect(await connectionOf(pool)).toMatchObject({ ssl: true });
	await pool.close();
});

test("one that comes when nobody waits any more lets nobody in", async () => {
	const late = Promise.withResolvers<string>();
	let asked = 0;
	const password = renewing(() => (++asked === 1 ? late.promise : Promise.resolve("in time")));
	const pool = poolOf(password);
	await expect(connectionOf(pool, 300)).rejects.toThrow("no answer");
	const { pid } = (await connectionOf(pool)) ?? {};
	late.resolve("in time");
	await late.promise;
	// Whatever the late one began is through when another that began after it is.
	const other = poolOf("in time");
	await connectionOf(other);
	await other.close();
	const open = await runSql(
		server.admin,
		"select pid from pg_stat_activity where client_addr is not null",
	);
	expect(open.map((row) => row["pid"])).toEqual([pid]);
	await pool.close();
});

test("one that comes when its socket is gone connects nowhere", async () => {
	let connections = 0;
	const said = Promise.withResolvers<string>();
	const listener = createServer((connection) => {
		connections += 1;
		connection.on("error", () => {});
		connection.on("data", (chunk) => said.resolve(String(chunk)));
	});
	await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
	const { port } = listener.address() as AddressInfo;
	const late = Promise.withResolvers<string>();
	const { socket } = askedPassword({ host: "127.0.0.1", port }, () => late.promise);
	socket().destroy();
	const waits = socket();
	waits.write("written before it connects");
	expect(connections).toBe(0);
	late.resolve("late");
	expect(await said.promise).toBe("written before it connects");
	expect(connections).toBe(1);
	waits.destroy();
	listener.close();
});
