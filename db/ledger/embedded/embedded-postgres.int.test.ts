import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	realpathSync,
	renameSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { endsWithUs } from "../../../infra/local/ends-with-us.ts";
import { freePort, LOOPBACK } from "../../../infra/local/free-port.ts";
import {
	LOOPBACK_ADDRESSES,
	listeningSockets,
} from "../../../infra/local/testing/listening-sockets.ts";
import { isAlive } from "../../data-dir/process-alive.ts";
import type { PostgresSettings } from "../connection-settings.ts";
import { silentLogger } from "../contract/silent-logger.ts";
import { runSql } from "../testing/test-server.ts";
import { type EmbeddedPostgres, startEmbeddedPostgres } from "./embedded-postgres.ts";
import { settingsOf } from "./launch-server.ts";
import { commandLine, postmasterFile } from "./server-process.ts";

const SLOW = 60_000;

const KILLED_RUN = `
	const { startEmbeddedPostgres } = await import(process.argv[1]);
	const logger = { info() {}, warn() {}, error() {} };
	const [dataDir, ...launcher] = process.argv.slice(2);
	const server = await startEmbeddedPostgres({ dataDir, logger, launcher });
	console.log(JSON.stringify({ pid: server.pid, host: server.settings.host }));
	setInterval(() => {}, 1_000);
`;

describe("the embedded PostgreSQL", () => {
	let dataDir: string;
	let started: EmbeddedPostgres[];

	beforeEach(() => {
		dataDir = mkdtempSync(join(tmpdir(), "embedded-test-"));
		started = [];
	});

	afterEach(async () => {
		await started.at(-1)?.stop();
		rmSync(dataDir, { recursive: true });
	}, SLOW);

	async function start(folder = dataDir): Promise<EmbeddedPostgres> {
		const server = await startEmbeddedPostgres({
			...{ dataDir: folder, logger: silentLogger },
			launcher: endsWithUs("QUIT"),
		});
		started.push(server);
		return server;
	}

	/** What a run that was killed leaves. */
	async function leaveBehind(...launcher: string[]): Promise<{ pid: number; host: string }> {
		const run = spawnRun(launcher);
		const { value } = await run.stdout.getReader().read();
		run.kill("SIGKILL");
		await run.exited;
		return JSON.parse(new TextDecoder().decode(value));
	}

	function spawnRun(launcher: readonly string[] = []) {
		const serverModule = join(import.meta.dir, "embedded-postgres.ts");
		return Bun.spawn([process.execPath, "-e", KILLED_RUN, serverModule, dataDir, ...launcher], {
			stdout: "pipe",
			stderr: "inherit",
		});
	}

	const cluster = () => join(dataDir, "postgres", "cluster");

	test(
		"is durable, off the network, private, and keeps what it was told",
		async () => {
			const first = await start();
			const rows = await runSql(
				first.settings,
				`select current_setting('fsync') as fsync, current_setting('synchronous_commit') as sync,
					current_setting('listen_addresses') as listens, current_setting('server_encoding') as text`,
			);
			expect({ ...rows[0] }).toEqual({ fsync: "on", sync: "on", listens: "", text: "UTF8" });
			expect(statSync(first.settings.host).mode & 0o777).toBe(0o700);
			expect(statSync(join(dataDir, "postgres")).mode & 0o777).toBe(0o700);
			await runSql(first.settings, "create table kept as select 42 as n");
			await first.stop();
			expect(isAlive(first.pid)).toBe(false);
			const second = await start();
			expect(second.adopted).toBe(false);
			expect((await runSql(second.settings, "select n from kept"))[0]?.["n"]).toBe(42);
		},
		SLOW,
	);

	test(
		"left behind by a killed run, it is adopted as it is",
		async () => {
			const left = await leaveBehind();
			const adopted = await start();
			expect(adopted.adopted).toBe(true);
			expect(adopted.pid).toBe(left.pid);
			await runSql(adopted.settings, "select 1");
			await adopted.stop();
			expect(isAlive(left.pid)).toBe(false);
		},
		SLOW,
	);

	test.if(process.platform === "linux")(
		"it ends with a run that wants it so and is killed, whoever it runs as, and starts again",
		async () => {
			const left = await leaveBehind(...endsWithUs("QUIT"));
			while (isAlive(left.pid)) await Bun.sleep(5);
			const next = await start();
			expect(next.adopted).toBe(false);
			await runSql(next.settings, "select 1");
		},
		SLOW,
	);

	test(
		"left behind but without an answer, it is replaced",
		async () => {
			const left = await leaveBehind();
			rmSync(join(left.host, ".s.PGSQL.5432"));
			const next = await start();
			expect(next.adopted).toBe(false);
			expect(isAlive(left.pid)).toBe(false);
			await runSql(next.settings, "select 1");
		},
		SLOW,
	);

	test(
		"killed with a backend in the midst of work, it starts again",
		async () => {
			const left = await leaveBehind();
			const settings = settingsOf(left.host, null);
			await runSql(settings, "create table kept as select 42 as n");
			const busy = runSql(
				settings,
				"select count(*) from generate_series(1, 100000000) as a(i)",
			).catch(() => "cut");
			await untilBusy(settings);
			process.kill(left.pid, "SIGKILL");
			const next = await start();
			expect(next.adopted).toBe(false);
			expect((await runSql(next.settings, "select n from kept"))[0]?.["n"]).toBe(42);
			expect(await busy).toBe("cut");
			const mine = readdirSync("/proc").filter((pid) =>
				commandLine(Number(pid)).includes("generate_series"),
			);
			expect(mine).toEqual([]);
		},
		SLOW,
	);

	test(
		"dead while it is needed, it is started again, at the same address",
		async () => {
			const server = await start();
			const { pid } = server;
			process.kill(pid, "SIGKILL");
			for (;;) {
				if (server.pid !== pid) break;
				await Bun.sleep(5);
			}
			await runSql(server.settings, "select 1");
		},
		SLOW,
	);

	test(
		"is not fooled by a pid file that names another program",
		async () => {
			await (await start()).stop();
			writeFileSync(join(cluster(), "postmaster.pid"), `${process.pid}\n${cluster()}\n1\n5432\n`);
			const server = await start();
			expect(server.adopted).toBe(false);
			await runSql(server.settings, "select 1");
		},
		SLOW,
	);

	test(
		"begins anew where making the cluster was cut short",
		async () => {
			const unfinished = join(dataDir, "postgres", "cluster.unfinished");
			mkdirSync(unfinished, { recursive: true });
			writeFileSync(join(unfinished, "PG_VERSION"), "18\n");
			await runSql((await start()).settings, "select 1");
			expect(existsSync(unfinished)).toBe(false);
		},
		SLOW,
	);

	test(
		"what the initdb of a killed run does to its folder when it ends, it does not do to the next one's",
		async () => {
			const folder = join(dataDir, "postgres");
			const unfinished = () =>
				existsSync(folder)
					? readdirSync(folder).filter((name) => name.startsWith("cluster.unfinished"))
					: [];
			const run = spawnRun();
			while (unfinished().length === 0) await Bun.sleep(5);
			const [left = ""] = unfinished();
			run.kill("SIGKILL");
			await run.exited;
			let settled = false;
			const starting = start().finally(() => {
				settled = true;
			});
			// One that fails removes it, whoever has it by then.
			while (!settled) {
				rmSync(join(folder, left), { recursive: true, force: true });
				await Bun.sleep(5);
			}
			await runSql((await starting).settings, "select 1");
			expect(unfinished().filter((name) => name !== left)).toEqual([]);
		},
		SLOW,
	);

	test(
		"under a path too long for a socket, it listens elsewhere, and tidies that up",
		async () => {
			chmodSync(dataDir, 0o755);
			const server = await start(join(dataDir, "x".repeat(120)));
			const { host } = server.settings;
			expect(host).not.toContain(dataDir);
			expect(statSync(host).mode & 0o777).toBe(0o700);
			await runSql(server.settings, "select 1");
			await server.stop();
			expect(existsSync(host)).toBe(false);
			started = [];
		},
		SLOW,
	);

	test(
		"shared by several processes, it listens on the loopback address to who knows the password",
		async () => {
			const loopback = { port: await freePort(), password: "known to the stack" };
			const server = await startEmbeddedPostgres({
				...{ dataDir, logger: silentLogger, loopback },
				launcher: endsWithUs("QUIT"),
			});
			started.push(server);
			const by = { ...server.settings, host: LOOPBACK, port: loopback.port };
			const right = await runSql({ ...by, password: loopback.password }, "select 42 as n");
			expect(right[0]?.["n"]).toBe(42);
			await expect(runSql({ ...by, password: "guessed" }, "select 1")).rejects.toThrow("password");
			const sockets = listeningSockets(server.pid);
			expect(sockets).toEqual([{ address: LOOPBACK_ADDRESSES[0]!, port: loopback.port }]);
		},
		SLOW,
	);

	test.if(process.getuid?.() === 0)(
		"by root, in a folder that only root can enter, its files are elsewhere, and found again",
		async () => {
			const closed = join(dataDir, "data");
			const server = await start(closed);
			const folder = realpathSync(join(closed, "postgres"));
			expect(folder).not.toContain(dataDir);
			await runSql(server.settings, "create table kept as select 42 as n");
			await server.stop();
			const again = await start(closed);
			expect((await runSql(again.settings, "select n from kept"))[0]?.["n"]).toBe(42);
			await again.stop();
			started = [];
			rmSync(folder, { recursive: true });
		},
		SLOW,
	);

	test(
		"says why it cannot start, and leaves nothing running",
		async () => {
			await (await start()).stop();
			started = [];
			renameSync(join(cluster(), "global", "pg_control"), join(dataDir, "pg_control"));
			await expect(start()).rejects.toThrow("could not find the database system");
			expect(postmasterFile(cluster())).toBeNull();
		},
		SLOW,
	);

	async function untilBusy(settings: PostgresSettings): Promise<void> {
		for (;;) {
			const rows = await runSql(
				settings,
				`select 1 from pg_stat_activity
				where state = 'active' and pid <> pg_backend_pid() and query like '%generate_series%'`,
			);
			if (rows.length > 0) return;
		}
	}
});
