/** Starting, refusing to start, stopping, and going on where it was. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import {
	existsSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isAlive } from "../../db/data-dir/process-alive.ts";
import { SETTINGS } from "./settings.ts";
import {
	listeningAddresses,
	postgresPid,
	processesOn,
	runToEnd,
	runUntil,
} from "./testing/processes.ts";
import { RunningExchange } from "./testing/running-exchange.ts";
import { StreamClient } from "./testing/stream-client.ts";
import { TestMarkets } from "./testing/test-markets.ts";
import { type Trader, trade } from "./testing/trader.ts";

const INTERVALS = "1s 1m 3m 5m 15m 30m 1h 2h 4h 6h 8h 12h 1d 3d 1w 1M".split(" ");
const onLinux = test.skipIf(process.platform !== "linux");

const exchange = new RunningExchange();
const markets = new TestMarkets(exchange);
const emptyFolder = mkdtempSync(join(tmpdir(), "castle-e2e-none-"));
const otherFolder = mkdtempSync(join(tmpdir(), "castle-e2e-other-"));

beforeAll(async () => {
	await exchange.start();
});
afterAll(async () => {
	await exchange.dispose();
	for (const folder of [emptyFolder, otherFolder]) rmSync(folder, { recursive: true, force: true });
});

test("/metrics says of each figure what it is", async () => {
	const text = await (await fetch(`${exchange.url}/metrics`)).text();
	const named = (word: string) =>
		[...text.matchAll(new RegExp(`^# ${word} (\\S+)`, "gm"))].map(([, name]) => name);
	expect(named("HELP")).toEqual(named("TYPE"));
	expect(named("TYPE").length).toBeGreaterThan(40);
	const samples = [...text.matchAll(/^castle_[a-z_]+/gm)].map(([name]) => name);
	const types = new Set(named("TYPE"));
	const isKnown = (name: string) =>
		types.has(name) || types.has(name.replace(/_(bucket|sum|count)$/, ""));
	expect(samples.filter((name) => !isKnown(name))).toEqual([]);
});

describe("refusing to start", () => {
	test("twice on one data folder: named, with the process that holds it", async () => {
		const { code, out, err } = await runToEnd("main.ts", [], {
			...{ DATA_DIR: exchange.dataDir, PORT: "0", DEMO: "0" },
		});
		expect(code).toBe(69);
		expect(err).toBe(
			`castle: cannot start: the data folder ${exchange.dataDir} is in use by process ${exchange.pid}: stop it, or set DATA_DIR to another folder\n`,
		);
		expect(out).not.toContain("ready");
		expect((await fetch(`${exchange.url}/api/v3/ping`)).status).toBe(200);
	});

	test.each(["PORT", "OPERATOR_PORT"])(
		"on a %s that is taken: says so, before anything is started",
		async (name) => {
			const { port } = new URL(exchange.url);
			const { code, out, err } = await runToEnd("main.ts", [], {
				...{ DATA_DIR: otherFolder, PORT: "0", DEMO: "0", [name]: port },
			});
			expect(code).toBe(69);
			expect(err).toBe(
				`castle: cannot start: ${name}=${port} is taken on 127.0.0.1: set it to another, 0 for any\n`,
			);
			expect(out).not.toContain("PostgreSQL");
			expect(existsSync(join(otherFolder, "postgres"))).toBe(false);
		},
	);

	test("on an address that is not this machine's: names the setting, before anything is started", async () => {
		for (const host of ["192.0.2.1", "nobody.invalid"]) {
			const environment = { DATA_DIR: otherFolder, PORT: "0", DEMO: "0", HOST: host };
			const { code, err } = await runToEnd("main.ts", [], environment);
			expect([host, code]).toEqual([host, 64]);
			expect(err).toBe(
				`castle: these settings are wrong:\nHOST=${host}: must be an address of this machine, or 0.0.0.0 for every one\n`,
			);
		}
		expect(existsSync(join(otherFolder, "postgres"))).toBe(false);
	});

	test("with wrong settings: every one of them by name", async () => {
		const wrong = {
			...{ PORT: "70000", DEMO: "yes", PARTITIONS: "0", LOG_LEVEL: "loud", SIGN_UP: "2" },
			...{ WEIGHT_PER_MINUTE: "many", ENGINE_WAIT_MS: "1", OPERATOR_PORT: "-1" },
		};
		const environment = { DATA_DIR: join(emptyFolder, "wrong"), ...wrong };
		const { code, err } = await runToEnd("main.ts", [], environment);
		expect(code).toBe(64);
		expect(err).toStartWith("castle: these settings are wrong:\n");
		for (const [name, value] of Object.entries(wrong)) {
			expect(err).toContain(`${name}=${value}: must be `);
		}
		expect(err.trim().split("\n")).toHaveLength(1 + Object.keys(wrong).length);
	});

	test("on what cannot be a data folder: says which and why, without a stack", async () => {
		const file = join(emptyFolder, "file");
		writeFileSync(file, "");
		const { code, err } = await runToEnd("main.ts", [], { DATA_DIR: file, PORT: "0" });
		expect(code).toBe(64);
		expect(err).toStartWith(
			`castle: these settings are wrong:\nDATA_DIR=${file}: cannot be used: `,
		);
		expect(err.trim().split("\n")).toHaveLength(2);
	});

	test("with other partitions than it was begun with, or words it does not know: one line", async () => {
		const begun = { DATA_DIR: otherFolder, PORT: "0", DEMO: "0" };
		expect((await runUntil("markets: ", begun)).code).toBe(0);
		const { code, err } = await runToEnd("main.ts", [], { ...begun, PARTITIONS: "2" });
		expect(code).toBe(64);
		expect(err).toMatch(
			/^castle: these settings are wrong:\nPARTITIONS=2: the log .* was made with 1 partitions .*\n$/,
		);
		const unknown = await runToEnd("main.ts", ["--fast"], { DATA_DIR: otherFolder });
		expect(unknown).toMatchObject({ code: 64, out: "" });
		expect(unknown.err).toContain("--fast: not known");
	});

	test("without the key that its users' secrets are sealed with: says so, and makes no other", async () => {
		const key = join(otherFolder, "secret.key");
		const sealed = readFileSync(key);
		rmSync(key);
		const environment = { DATA_DIR: otherFolder, PORT: "0", DEMO: "0" };
		const { code, err } = await runToEnd("main.ts", [], environment);
		expect(code).toBe(70);
		expect(err).toStartWith(`castle: cannot start: ${key} is missing, `);
		expect(err.trim().split("\n")).toHaveLength(1);
		writeFileSync(key, sealed, { flag: "wx" });
	});

	test("broken off by Ctrl-C at any moment of its start: code 0, and leaves no PostgreSQL behind", async () => {
		for (const moment of ["data in", "PostgreSQL, for", "PostgreSQL started", "markets: "]) {
			const dataDir = join(otherFolder, `until ${moment}`);
			const environment = { DATA_DIR: dataDir, PORT: "0", DEMO: "0" };
			const { code, out, err } = await runUntil(moment, environment);
			expect([moment, code, err]).toEqual([moment, 0, ""]);
			expect(out).toMatch(/stopped\n$/);
			expect(out).not.toContain("ready");
			expect(existsSync(join(dataDir, "operator.json"))).toBe(false);
			if (process.platform === "linux") expect(processesOn(dataDir)).toEqual([]);
		}
	});

	onLinux("asked twice it ends at once, and PostgreSQL with it", async () => {
		const dataDir = mkdtempSync(join(tmpdir(), "castle-e2e-twice-"));
		const environment = { DATA_DIR: dataDir, PORT: "0", DEMO: "0" };
		const { code, err } = await runUntil("ready", environment, ["SIGINT", "SIGTERM"]);
		expect([code, err]).toEqual([1, ""]);
		while (processesOn(dataDir).length > 0) await Bun.sleep(5);
		rmSync(dataDir, { recursive: true, force: true });
	});

	test("a data folder that it makes is not for others to read", async () => {
		const dataDir = join(otherFolder, "made");
		const { port } = new URL(exchange.url);
		await runToEnd("main.ts", [], { DATA_DIR: dataDir, PORT: port, DEMO: "0" });
		expect(statSync(dataDir).mode & 0o007).toBe(0);
	});

	test("--help lists every setting with what it is when not given", async () => {
		const { code, out } = await runToEnd("main.ts", ["--help"], {});
		expect(code).toBe(0);
		for (const [name, { fallback, help }] of Object.entries(SETTINGS)) {
			const line = out.split("\n").find((text) => text.trim().startsWith(`${name} `));
			expect(line).toContain(help);
			expect(line).toContain(`(${fallback}`);
		}
	});
});

describe("the operator's command line", () => {
	const say = (words: string, dataDir = exchange.dataDir) =>
		runToEnd("operator/cli.ts", words.split(" ").filter(Boolean), { DATA_DIR: dataDir });

	test("what is no command, what is missing, and where nothing runs", async () => {
		const unknown = await say("sell everything");
		expect([unknown.code, unknown.err]).toEqual([
			64,
			expect.stringContaining('there is no command "sell everything"'),
		]);
		expect(await say("deposit --user")).toMatchObject({ code: 64, err: "--user needs a value\n" });
		expect(await say("user freeze --user 1 --user 2")).toMatchObject({
			code: 64,
			err: "--user is given twice\n",
		});
		const nothing = await say("audit", emptyFolder);
		expect(nothing).toMatchObject({
			code: 69,
			err: `no exchange runs on ${emptyFolder}: start it first, or set DATA_DIR\n`,
		});
		const endpoint = join(emptyFolder, "operator.json");
		for (const damaged of ["", "{", "[]", "{}", '{"url":"","token":"x"}']) {
			writeFileSync(endpoint, damaged);
			expect(await say("audit", emptyFolder)).toMatchObject({
				code: 69,
				err: `${endpoint} cannot be read: it says where the exchange is, which writes it at its start\n`,
			});
		}
		rmSync(endpoint);
		// Only the folder counts here; what is wrong for the exchange is for its own start to say.
		const environment = { DATA_DIR: emptyFolder, PORT: "many" };
		expect(await runToEnd("operator/cli.ts", ["audit"], environment)).toEqual(nothing);
		expect(await say("")).toMatchObject({ code: 64 });
		expect(await say("--help")).toMatchObject({ code: 0 });
	});

	test("what is refused says why, in JSON, with an exit code that tells flags from what they say", async () => {
		const refused = async (words: string, by: number) => {
			const { code, err } = await say(words);
			expect([words, code]).toEqual([words, by]);
			return JSON.parse(err).error as string;
		};
		expect(await refused("deposit --user 1 --asset USDT --amount 1", 64)).toContain("--id");
		expect(await refused("audit --shard 1", 64)).toBe("--shard is no flag of this command");
		expect(await refused("user create --email nobody --password 123456789012", 64)).toContain(
			"--email",
		);
		expect(await refused("user create --email a@b.example --password short", 64)).toContain(
			"--password 12 characters at least",
		);
		expect(await refused("symbol state --symbol BTCUSDT --state ODD", 64)).toContain("--state");
		const long = "x".repeat(70_000);
		expect(await refused(`key create --user 1 --type hmac --scopes read --label ${long}`, 64)).toBe(
			"the command is too long",
		);
		expect(await refused("balances --user 999999", 1)).toBe("there is no user 999999");
		expect(await refused("symbol state --symbol NONE --state HALT", 1)).toBe(
			"there is no symbol NONE",
		);
	});

	test("the audit log is listed, and is as it was written", async () => {
		const made = await say("user create --email log@example.com --password 123456789012");
		const { userId } = JSON.parse(made.out);
		const listed = JSON.parse((await say("audit log --limit 1000")).out);
		expect(listed).toContainEqual(
			expect.objectContaining({
				actor: "operator",
				action: "user.create",
				subject: `user:${userId}`,
			}),
		);
		const verified = await say("audit verify");
		expect(verified.code).toBe(0);
		expect(JSON.parse(verified.out)).toMatchObject({ sound: true, entries: listed.length });
	});

	test("its listener takes no one without the token", async () => {
		const { url } = await Bun.file(join(exchange.dataDir, "operator.json")).json();
		const reply = await fetch(url, {
			method: "POST",
			headers: { authorization: "Bearer wrong" },
			body: JSON.stringify({ action: "audit", flags: {} }),
		});
		expect(reply.status).toBe(401);
	});
});

onLinux("nothing listens on any address but this machine's own", () => {
	const listening = listeningAddresses(exchange.pid);
	// The API and the operator's listener.
	expect(listening).toEqual(["0100007F", "0100007F"]);
	expect(listeningAddresses(postgresPid(exchange.dataDir))).toEqual([]);
});

/** What a client can ask of the past, for a market on which nobody trades any more. */
async function past(user: Trader, endTime: number) {
	const { symbol } = user;
	const get = async (path: string, query = "") =>
		(await user.send("GET", `/api/v3/${path}`, `symbol=${symbol}${query}`)).body;
	const klines: Record<string, unknown> = {};
	for (const interval of INTERVALS) {
		const startTime = endTime - (interval === "1s" ? 60_000 : 86_400_000);
		klines[interval] = await get(
			"klines",
			`&interval=${interval}&startTime=${startTime}&endTime=${endTime}&limit=1000`,
		);
	}
	const { openTime, closeTime, ...ticker } = await get("ticker/24hr");
	expect(closeTime - openTime).toBeGreaterThan(0);
	return {
		klines,
		ticker,
		depth: await get("depth"),
		trades: await get("trades"),
		aggTrades: await get("aggTrades"),
		best: await get("ticker/bookTicker"),
		account: (await user.call("GET", "/api/v3/account", { omitZeroBalances: "true" })).body
			.balances,
		open: (await user.call("GET", "/api/v3/openOrders", { symbol })).body,
		orders: (await user.call("GET", "/api/v3/allOrders", { symbol })).body,
		fills: (await user.call("GET", "/api/v3/myTrades", { symbol })).body,
	};
}

describe("going on where it was", () => {
	let user: Trader;
	let endTime: number;
	let before: Awaited<ReturnType<typeof past>>;
	/** Of a market that has traded once, and whose book is empty. */
	let quiet: Trader;

	/** The same user at the address of this start. */
	const again = (who = user) => Object.assign(Object.create(who), { url: exchange.url }) as Trader;

	beforeAll(async () => {
		const empty = await markets.scene();
		await trade(empty.maker, empty.taker, "100");
		quiet = empty.user;
		const scene = await markets.scene();
		user = scene.user;
		await trade(scene.maker, scene.taker, "100");
		await scene.maker.limit("SELL", "5", "101");
		await user.limit("BUY", "3", "101");
		await user.limit("BUY", "2", "90", { newClientOrderId: "resting" });
		await user.placed({ side: "SELL", type: "STOP_LOSS", quantity: "1", stopPrice: "80" });
		const canceled = await user.limit("BUY", "1", "91");
		await user.cancel(canceled.orderId);
		const { body } = await user.send("GET", "/api/v3/trades", `symbol=${user.symbol}`);
		// Bars of all intervals to the last trade's second, which then is over.
		endTime = body.at(-1).time;
		const second = Math.floor(endTime / 1_000);
		while (Math.floor(Date.now() / 1_000) <= second + 1) await Bun.sleep(100);
		before = await past(user, endTime);
		expect(before.orders).toHaveLength(4);
		expect(before.fills).toHaveLength(1);
		expect(before.klines["1s"]).not.toEqual([]);
	});

	test("Ctrl-C under load: code 0 within 5 s, nothing left running; then all is there", async () => {
		const postgres = postgresPid(exchange.dataDir);
		const { pid } = exchange;
		const { taker } = await markets.scene();
		let answered = 0;
		const load = (async () => {
			for (;;) {
				const order = { side: "BUY", type: "LIMIT", timeInForce: "GTC" } as const;
				const reply = await taker.order({ ...order, quantity: "0.1", price: "60" });
				if (reply.status === 200) answered += 1;
				if (answered === 150) taker.call("DELETE", "/api/v3/openOrders", { symbol: taker.symbol });
			}
		})().catch(() => "the exchange is gone");
		while (answered < 20) await Bun.sleep(10);
		const startedAt = performance.now();
		expect(await exchange.stop()).toBe(0);
		expect(performance.now() - startedAt).toBeLessThan(5_000);
		expect(await load).toBe("the exchange is gone");
		expect([isAlive(pid), isAlive(postgres)]).toEqual([false, false]);
		if (process.platform === "linux") expect(processesOn(exchange.dataDir)).toEqual([]);
		expect(exchange.printed()).toContain("stopped");

		await exchange.start();
		expect(exchange.printed()).toContain("PostgreSQL started");
		const { body } = await Object.assign(Object.create(taker), { url: exchange.url }).call(
			...["GET", "/api/v3/allOrders", { symbol: taker.symbol, limit: 1_000 }],
		);
		expect(body.length).toBeGreaterThanOrEqual(answered);
		expect(await past(again(), endTime)).toEqual(before);
		expect((await markets.operator("audit", {}))["sound"]).toBe(true);
	});

	test("kill -9: PostgreSQL lives on and the next start takes it over", async () => {
		const postgres = postgresPid(exchange.dataDir);
		await exchange.kill(false);
		expect(isAlive(postgres)).toBe(true);
		await exchange.start();
		expect(exchange.printed()).toContain("PostgreSQL adopted");
		expect(postgresPid(exchange.dataDir)).toBe(postgres);
		expect(await past(again(), endTime)).toEqual(before);
	});

	test("who listens from the moment that it is ready goes on listening", async () => {
		await exchange.kill(false);
		await exchange.start();
		const stream = `/ws/${quiet.symbol.toLowerCase()}@depth@100ms`;
		const client = await StreamClient.open(exchange.url, stream);
		const { orderId } = await again(quiet).limit("BUY", "1", "50");
		expect((await client.until(({ e }) => e === "depthUpdate")).s).toBe(quiet.symbol);
		await again(quiet).cancel(orderId);
		await client.close();
	});

	test("the last price is known: a market order that meets nobody expires, and is not refused", async () => {
		const order = { side: "BUY", type: "MARKET", quantity: "1" } as const;
		expect((await again(quiet).placed(order)).status).toBe("EXPIRED");
	});

	test("every snapshot damaged: all is replayed from the log", async () => {
		await exchange.kill(false);
		const archive = join(exchange.dataDir, "archive");
		const files = readdirSync(archive).filter((name) => name.endsWith(".object"));
		expect(files.map((name) => name.split("%2F")[0])).toContain("market-data");
		for (const file of files) writeFileSync(join(archive, file), "CASTLE1\nnothing whole");
		await exchange.start();
		expect(await past(again(), endTime)).toEqual(before);
	});

	test("trading goes on with the next ids", async () => {
		const { maker } = await markets.scene();
		const seller = Object.assign(Object.create(maker), { url: exchange.url, symbol: user.symbol });
		await markets.operator("deposit", {
			...{ user: String(maker.userId), asset: user.base, amount: "10", id: "more" },
		});
		const sold = await (seller as Trader).limit("SELL", "1", "90");
		const last = (before.trades as { id: number }[]).at(-1)?.id ?? 0;
		expect(sold.fills[0].tradeId).toBe(last + 1);
		const orders = (before.orders as { orderId: number }[]).map((order) => order.orderId);
		expect(sold.orderId).toBeGreaterThan(Math.max(...orders));
	});
});

test("without its ledger it does not start, however often it is tried: users' numbers would be given again", async () => {
	const lost = new RunningExchange();
	try {
		await lost.start();
		await lost.createUser({ USDT: "1" });
		await lost.stop();
		rmSync(join(lost.dataDir, "postgres"), { recursive: true });
		for (let attempt = 0; attempt < 3; attempt += 1) {
			await expect(lost.start()).rejects.toThrow("docs/runbooks/ledger-restored.md");
			expect(lost.printed()).toMatch(/\ncastle: cannot start: the log knows epoch [^\n]+\n$/);
		}
	} finally {
		await lost.dispose();
	}
});
