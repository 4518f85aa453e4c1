import { describe, expect, spyOn, test } from "bun:test";
import * as v from "valibot";
import { fakeServices } from "../../../edge/testing/fake-services.ts";
import { Sessions } from "../../../edge/users/sessions.ts";
import { ENGINE_VERSION } from "../../../engine/engine.ts";
import type { SymbolState } from "../../../schemas/order.ts";
import type { AccountService } from "../../../schemas/ports/account-service.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { Rejection } from "../../../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../../../schemas/symbol.ts";
import { VenueConfig } from "../../../schemas/venue-config.ts";
import { flagFaults } from "./action.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import { refusedFor, wrongAmount } from "./refusal-words.ts";
import type { OperatorServices } from "./services.ts";

/** What is wrong with a command's flags, as the listener says it. */
function faults(name: string, flags: Readonly<Record<string, string>>): string[] {
	const wanted = OPERATOR_ACTIONS.get(name);
	if (wanted === undefined) throw new Error(`there is no command ${name}`);
	const parsed = v.safeParse(wanted.flags, flags);
	return flagFaults(parsed.issues ?? []);
}

describe("flags of a command", () => {
	test.each([...OPERATOR_ACTIONS.keys()])("%s: one that it does not have is refused", (name) => {
		expect(faults(name, { "takr-ppm": "0" })).toContain("--takr-ppm is no flag of this command");
	});

	test("one that is not given is said to be missing", () => {
		expect(faults("user freeze", {})).toEqual(["--user is missing"]);
		expect(faults("deposit", { user: "1", asset: "USDT", amount: "1" })).toEqual([
			"--id is missing",
		]);
		expect(faults("user create", { email: "ada@example.com" })).toEqual(["--password is missing"]);
		expect(faults("user set-password", { user: "1" })).toEqual(["--password is missing"]);
	});

	test("a text that PostgreSQL cannot keep is refused", () => {
		for (const text of ["a\0b", "a\ud800"]) {
			const fault = "has a character that cannot be kept";
			const asset = { asset: "ABC", name: text, decimals: "2" };
			expect(faults("asset create", asset)).toEqual([`--name ${fault}`]);
			const moved = { user: "1", asset: "USDT", amount: "1", id: text };
			expect(faults("deposit", moved)).toEqual([`--id ${fault}`]);
			const key = { user: "1", type: "hmac", scopes: "read", label: text };
			expect(faults("key create", key)).toEqual([`--label ${fault}`]);
		}
	});

	test("a number that is none is named as what it should be", () => {
		expect(faults("key revoke", { user: "1", key: "x" })).toEqual([
			"--key must be a key's number, as `key list` has it",
		]);
		expect(faults("balances", { user: "0" })).toEqual(["--user must be a user's number"]);
	});
});

describe("addresses of a key", () => {
	const key = { user: "1", type: "hmac", scopes: "read" };

	test.each(["1.2.3", "256.0.0.1", "10.0.0.0/8", "::1::", "example.com", "10.0.0.1,"])(
		"%s is refused",
		(ips) => {
			expect(faults("key create", { ...key, ips })).toEqual([
				"--ips must be addresses, IPv4 or IPv6, without a range",
			]);
		},
	);

	test("are kept as those of callers are written", () => {
		const flags = OPERATOR_ACTIONS.get("key create")?.flags as v.GenericSchema;
		const ips = "192.0.2.7,2001:DB8:0:0::1,::ffff:192.0.2.8";
		expect(v.parse(flags, { ...key, ips })).toMatchObject({
			ips: ["192.0.2.7", "2001:db8::1", "192.0.2.8"],
		});
	});
});

/** A shard whose auditor has found that; null for one that nobody serves. */
function shardThatFound(faults: string[] | null): AccountService {
	let stopped = faults ?? [];
	return {
		audit: async () => ({
			checks: faults === null ? [] : [{ invariant: 1, says: "", checked: 1, faults: [] }],
			...{ evSeqs: [], clearing: [], clearingMarks: [] },
			sampled: { rounds: 1, withdrawalsStopped: stopped.length > 0, faults: stopped },
		}),
		async resumeWithdrawals() {
			stopped = [];
		},
	} as Partial<AccountService> as AccountService;
}

/** Answers withdrawals with these, one after the other; null: nobody knows, and it is done. */
function shardThatAnswers(repeated: (boolean | null)[]): AccountService {
	return {
		async withdraw() {
			const next = repeated.shift() ?? null;
			if (next === null) return { ok: false, refusal: { reason: "unknown" } };
			const value = { available: 0n, held: 0n, transactMs: 7, repeated: next };
			return { ok: true, value };
		},
	} as Partial<AccountService> as AccountService;
}

/** Says something to a venue of two assets that takes everything. */
function spoken() {
	const edge = fakeServices();
	const usdt: AssetSpec = { assetId: 1, asset: "USDT", name: "Tether USD", decimals: 8 };
	const btc: AssetSpec = { assetId: 2, asset: "BTC", name: "Bitcoin", decimals: 8 };
	const assets: AssetSpec[] = [usdt, btc];
	const symbols: SymbolSpec[] = [];
	/** Every asset that the venue was told to add. */
	const told: AssetSpec[] = [];
	const venue = {
		view: () => new VenueConfig({ assets, symbols }),
		async addAsset(asset: AssetSpec) {
			told.push(asset);
			if (assets.some((known) => known.asset === asset.asset)) return Rejection.InvalidCommand;
			assets.push(asset);
			return Rejection.None;
		},
		async addSymbol(symbol: SymbolSpec) {
			symbols.push(symbol);
			return Rejection.None;
		},
		setEngineVersion: async () => Rejection.None,
		async setSymbolState(symbol: SymbolSpec, state: SymbolState) {
			symbols.splice(symbols.indexOf(symbol), 1, { ...symbol, state });
			return Rejection.None;
		},
	} as unknown as OperatorServices["venue"];
	/** Shard 1 is sound, shard 2 has its withdrawals stopped. */
	const shards = [[], ["invariant 3: account 7"], null].map(shardThatFound);
	const services = { edge, venue, shards, partitions: 1, caughtUp: async () => {} };
	const { append, appendOnce } = edge.audit;
	return {
		edge,
		venue,
		told,
		/** The details of the last entry. */
		details: () => edge.audit.records.at(-1)?.details,
		/** PostgreSQL goes away. */
		losePostgres() {
			const lost = () => Promise.reject(new LedgerUnavailable("not done"));
			Object.assign(edge.audit, { append: lost, appendOnce: lost });
		},
		postgresIsBack() {
			Object.assign(edge.audit, { append, appendOnce });
		},
		written: () => edge.audit.records.map(({ action, subject }) => `${action} ${subject}`),
		say(name: string, flags: Readonly<Record<string, string>>) {
			const wanted = OPERATOR_ACTIONS.get(name);
			return wanted?.run(services, v.parse(wanted.flags, flags));
		},
	};
}

const MARKET = {
	...{ base: "BTC", quote: "USDT", tick: "0.01", lot: "0.00001" },
	...{ "max-price": "1000000", "max-qty": "900", "min-notional": "5" },
};

describe("what cannot be written down is not done:", () => {
	test.each([
		["engine version", { to: `${ENGINE_VERSION}` }],
		["user freeze", { user: "1" }],
		["user unfreeze", { user: "1" }],
		["user remove-totp", { user: "1" }],
		["user set-password", { user: "1", password: "battery staple" }],
		["key revoke", { user: "1", key: "1" }],
	] as const)("%s", async (name, flags) => {
		const { edge, venue, say, written, losePostgres, postgresIsBack } = spoken();
		await say("symbol create", MARKET);
		await say("user create", { email: "ada@example.com", password: "correct horse" });
		await say("key create", { user: "1", type: "hmac", scopes: "read" });
		const changes = [
			...[spyOn(venue, "setEngineVersion"), spyOn(edge.users, "setFrozen")],
			...[spyOn(edge.users, "removeTotp"), spyOn(edge.users, "revokeKey")],
			spyOn(edge.users, "setPassword"),
		];
		const done = () => changes.reduce((calls, { mock }) => calls + mock.calls.length, 0);
		const before = written().length;
		losePostgres();
		await expect(say(name, flags)).rejects.toThrow(LedgerUnavailable);
		expect(done()).toBe(0);
		postgresIsBack();
		await say(name, flags);
		expect([done(), written().length]).toEqual([1, before + 1]);
	});
});

test("a market is halted while nothing can be written down, and said again it is", async () => {
	const { venue, say, written, losePostgres, postgresIsBack } = spoken();
	await say("symbol create", MARKET);
	const halted = spyOn(venue, "setSymbolState");
	const before = written().length;
	const halt = () => say("symbol state", { symbol: "BTCUSDT", state: "HALT" });
	losePostgres();
	await expect(halt()).rejects.toThrow(LedgerUnavailable);
	expect([halted.mock.calls.length, written().length]).toEqual([1, before]);
	postgresIsBack();
	await halt();
	expect(written().length).toBe(before + 1);
});

describe("a user", () => {
	const ADA = { email: "ada@example.com", password: "correct horse" };
	const HASH = "$argon2id$v=19$m=19456,t=2,p=1$dGJml+pgAWp9gwFlFq5EQA$apWQYY5jGyH5WQh14ePFzfYrEq0";
	const BOB = { email: "bob@example.com", "password-hash": HASH };

	test("whose entry or answer was lost is told and written down when it is said again, once", async () => {
		const { edge, say, written, losePostgres, postgresIsBack } = spoken();
		losePostgres();
		await expect(say("user create", ADA)).rejects.toThrow(LedgerUnavailable);
		postgresIsBack();
		await edge.users.createUser({ email: BOB.email, passwordHash: HASH, createdAtMs: 1 });
		for (let n = 0; n < 2; n += 1) {
			expect(await say("user create", ADA)).toEqual({ userId: 1, email: ADA.email });
			expect(await say("user create", BOB)).toEqual({ userId: 2, email: BOB.email });
		}
		expect(written()).toEqual(["user.create user:1", "user.create user:2"]);
	});

	test("that is another is taken", async () => {
		const { say, written } = spoken();
		await say("user create", ADA);
		for (const other of [
			{ ...ADA, password: "another horse" },
			{ ...BOB, email: ADA.email },
		]) {
			await expect(say("user create", other)).rejects.toThrow("ada@example.com is taken");
		}
		expect(written()).toEqual(["user.create user:1"]);
	});
});

describe("a second factor", () => {
	test("is taken off one user, whose sessions end, which is written down", async () => {
		const { edge, say, written } = spoken();
		const totp = { sealedSecret: "s", lastStep: 1, recoveryHashes: [] };
		const sessions = new Sessions(edge);
		const tokens: string[] = [];
		for (const email of ["ada@example.com", "bob@example.com"]) {
			const user = await edge.users.createUser({ email, passwordHash: "", createdAtMs: 1 });
			await edge.users.setTotp(user!.userId, totp);
			tokens.push((await sessions.start(user!.userId)).token);
		}
		expect(await say("user remove-totp", { user: "1" })).toEqual({ userId: 1, removed: true });
		expect(await edge.users.totpOf(1)).toBeNull();
		expect(await edge.users.totpOf(2)).toEqual(totp);
		expect(await sessions.find(tokens[0]!)).toBeNull();
		expect(await sessions.find(tokens[1]!)).toMatchObject({ userId: 2 });
		// Said again, its answer may have been lost.
		expect(await say("user remove-totp", { user: "1" })).toEqual({ userId: 1, removed: false });
		expect(written()).toEqual(["totp.remove user:1", "totp.remove user:1"]);
		await expect(say("user remove-totp", { user: "3" })).rejects.toThrow("there is no user 3");
	});
});

describe("the venue", () => {
	test("every change of it is written down", async () => {
		const { say, written } = spoken();
		await say("asset create", { asset: "ETH", name: "Ether" });
		await say("symbol create", MARKET);
		await say("symbol state", { symbol: "BTCUSDT", state: "HALT" });
		await say("symbol list", {});
		expect(written()).toEqual([
			...["asset.create asset:ETH", "symbol.create symbol:BTCUSDT", "symbol.state symbol:BTCUSDT"],
		]);
	});

	test("goes by no version of the engine that this program does not know", async () => {
		const { say, written } = spoken();
		const to = `${ENGINE_VERSION + 1}`;
		await expect(say("engine version", { to })).rejects.toThrow("bring a newer one first");
		await say("engine version", { to: `${ENGINE_VERSION}` });
		expect(written()).toEqual(["engine.version engine"]);
	});

	test("an asset or a market whose entry was lost is written down when it is said again, once", async () => {
		const { say, written, losePostgres, postgresIsBack, told } = spoken();
		const changes = [
			["asset create", { asset: "ETH", name: "Ether" }],
			["symbol create", { ...MARKET, base: "ETH" }],
		] as const;
		for (const [name, flags] of changes) {
			losePostgres();
			await expect(say(name, flags)).rejects.toThrow(LedgerUnavailable);
			postgresIsBack();
			const answer = await say(name, flags);
			expect(await say(name, flags)).toEqual(answer);
		}
		expect(written()).toEqual(["asset.create asset:ETH", "symbol.create symbol:ETHUSDT"]);
		// Under one id in every partition, also in those that the first time did not come to.
		expect(told.map(({ assetId }) => assetId)).toEqual([3, 3, 3]);
	});

	test("an asset or a market that is there already as another is refused", async () => {
		const { say, written } = spoken();
		await say("symbol create", MARKET);
		await say("symbol state", { symbol: "BTCUSDT", state: "HALT" });
		for (const other of [
			...[{ "max-qty": "800" }, { "max-notional": "800" }, { "taker-ppm": "999" }],
			{ lot: "0.001" },
		]) {
			await expect(say("symbol create", { ...MARKET, ...other })).rejects.toThrow(
				"BTCUSDT is there already, with other rules",
			);
		}
		expect(await say("symbol create", MARKET)).toMatchObject({ state: "HALT" });
		for (const other of [{ name: "Bit Coin" }, { name: "Bitcoin", decimals: "2" }]) {
			await expect(say("asset create", { asset: "BTC", ...other })).rejects.toThrow(
				"BTC is there already: Bitcoin, with 8 decimals",
			);
		}
		expect(written()).toEqual(["symbol.create symbol:BTCUSDT", "symbol.state symbol:BTCUSDT"]);
	});

	test("a market's state is shown in the words in which it is set", async () => {
		const { say } = spoken();
		expect(await say("symbol create", MARKET)).toMatchObject({ state: "TRADING" });
		await say("symbol state", { symbol: "BTCUSDT", state: "CANCEL_ONLY" });
		expect(await say("symbol list", {})).toMatchObject([{ state: "CANCEL_ONLY" }]);
	});
});

describe("withdrawals that were stopped", () => {
	const resume = (shard: string) => ["withdrawals resume", { shard }] as const;

	test("go on when the operator says so, which is written down with what was let pass", async () => {
		const { say, written, details } = spoken();
		expect(await say(...resume("2"))).toEqual({ shard: 2, letPass: ["invariant 3: account 7"] });
		expect(written()).toEqual(["withdrawals.resume shard:2"]);
		expect(details()).toEqual({ faults: 1, first: "invariant 3: account 7" });
		await expect(say(...resume("2"))).rejects.toThrow("of shard 2 are not stopped");
		expect(written()).toHaveLength(1);
	});

	test("of a shard that is sound, that does not answer, or that there is not: nothing is done", async () => {
		const { say, written } = spoken();
		await expect(say(...resume("1"))).rejects.toThrow("of shard 1 are not stopped");
		await expect(say(...resume("3"))).rejects.toThrow("shard 3 does not answer now");
		await expect(say(...resume("4"))).rejects.toThrow("there is no shard 4");
		expect(written()).toEqual([]);
	});

	test("do not go on when that cannot be written down", async () => {
		const { say, losePostgres } = spoken();
		losePostgres();
		await expect(say(...resume("2"))).rejects.toThrow(LedgerUnavailable);
		await expect(say(...resume("2"))).rejects.toThrow(LedgerUnavailable);
	});
});

describe("a withdrawal is written down once, when it is known to be done:", () => {
	const usdt = { assetId: 1, asset: "USDT", name: "Tether USD", decimals: 8 };
	const usdtOnly = new VenueConfig({ assets: [usdt], symbols: [] });
	const WITHDRAWAL = { user: "1", asset: "USDT", amount: "5", id: "wire-1" };

	async function written(...answers: (boolean | null)[]) {
		const { edge, say } = spoken();
		await edge.users.createUser({ email: "ada@example.com", passwordHash: "", createdAtMs: 1 });
		const shard = shardThatAnswers([...answers]);
		const marketData = { ...edge.marketData, venue: usdtOnly };
		Object.assign(edge, { accounts: () => shard, marketData });
		const said: unknown[] = [];
		for (const answer of answers) {
			const withdrawal = say("withdraw", WITHDRAWAL);
			if (answer === null)
				await expect(withdrawal).rejects.toThrow("say it again, with the same --id");
			else await withdrawal;
			said.push(edge.audit.records.map(({ subject, details }) => [subject, details]));
		}
		return said;
	}
	const entry = ["user:1", { asset: "USDT", amount: "5", id: "wire-1" }];

	test("when it was unknown at first", async () => {
		expect(await written(null, null, true, true)).toEqual([[], [], [entry], [entry]]);
	});

	test("when it was done at first", async () => {
		expect(await written(false, true)).toEqual([[entry], [entry]]);
	});
});

test("what is refused is said with what to do about it", () => {
	expect(refusedFor("unknown").message).toBe(
		"unknown: nobody answers for this user now; say it again, with the same --id",
	);
	expect(refusedFor("accountFrozen").message).toBe("accountFrozen");
	expect(wrongAmount("1e3", "malformed").message).toBe("--amount 1e3 is no plain decimal number");
});
