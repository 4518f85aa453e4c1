/** Random requests made from the exchange's own OpenAPI document: whatever comes, never a 5xx. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { SeededRandom } from "./simulation/seeded-random.ts";
import { ApiClient, queryOf } from "./testing/api-client.ts";
import { askOperator } from "./testing/ask-operator.ts";
import { untilTimeCatchesUp } from "./testing/fresh-timestamp.ts";
import { RunningExchange } from "./testing/running-exchange.ts";

const REQUESTS = Number(process.env["FUZZ_REQUESTS"] ?? 20_000);
const SEED = Number(process.env["FUZZ_SEED"] ?? 1);
const AT_ONCE = 16;

interface Call {
	readonly method: string;
	readonly path: string;
	readonly parameters: readonly string[];
}

const exchange = new RunningExchange();
let api: ApiClient;
let calls: Call[];

beforeAll(async () => {
	await exchange.start();
	const funds = { BTC: "1000", ETH: "10000", USDT: "100000000" };
	api = new ApiClient(exchange.url, await exchange.createUser(funds));
	calls = await documentedCalls();
});

afterAll(() => exchange.dispose());

/** Every call of the document; whoever reads it can do the same. */
async function documentedCalls(): Promise<Call[]> {
	interface Document {
		readonly paths: Record<
			string,
			Record<
				string,
				{
					readonly parameters?: readonly { readonly name: string; readonly in: string }[];
					readonly requestBody?: {
						readonly content: Record<
							string,
							{ readonly schema: { readonly properties?: Record<string, unknown> } }
						>;
					};
				}
			>
		>;
	}
	const document = (await (await fetch(`${exchange.url}/openapi.json`)).json()) as Document;
	return Object.entries(document.paths).flatMap(([path, methods]) =>
		Object.entries(methods).map(([method, call]) => ({
			method: method.toUpperCase(),
			path,
			parameters: [
				...(call.parameters ?? []).filter((p) => p.in === "query").map((p) => p.name),
				...Object.values(call.requestBody?.content ?? {}).flatMap((content) =>
					Object.keys(content.schema.properties ?? {}),
				),
			],
		})),
	);
}

/** Values that fit some parameter somewhere, and values that fit none. */
const GOOD = [
	"BTCUSDT",
	"ETHUSDT",
	"ETHBTC",
	"BUY",
	"SELL",
	"LIMIT",
	"MARKET",
	"LIMIT_MAKER",
	"STOP_LOSS_LIMIT",
	"TAKE_PROFIT",
	"GTC",
	"IOC",
	"FOK",
	"0.01",
	"50000",
	"50000.5",
	"0.05",
	"1",
	"2",
	"10",
	"500",
	"1000",
	"1m",
	"1h",
	"1M",
	"FULL",
	"RESULT",
	"NONE",
	"DECREMENT",
	"STOP_ON_FAILURE",
	"ALLOW_FAILURE",
	'["BTCUSDT","ETHBTC"]',
	"true",
	"my-order",
] as const;
const BAD = [
	"",
	" ",
	"-1",
	"0",
	"-0",
	"1e5",
	"NaN",
	"Infinity",
	"null",
	"undefined",
	"{}",
	"[]",
	'["',
	"__proto__",
	"'; drop table users; --",
	"%00",
	"\u0000",
	"é漢🙂",
	"9".repeat(40),
	"0.".padEnd(60, "1"),
	"1.",
	".5",
	"0x10",
	"9007199254740993",
	"-9223372036854775808",
	"A".repeat(2_000),
] as const;

/** What a parameter of this name usually holds. */
const FITTING: Readonly<Record<string, readonly string[]>> = {
	symbol: ["BTCUSDT", "ETHUSDT", "ETHBTC"],
	side: ["BUY", "SELL"],
	type: ["LIMIT", "MARKET", "LIMIT_MAKER", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT_LIMIT"],
	timeInForce: ["GTC", "IOC", "FOK"],
	quantity: ["0.01", "0.1", "1"],
	price: ["50000", "50010", "0.05", "3000"],
	stopPrice: ["51000", "49000", "0.06"],
	quoteOrderQty: ["100", "0.5"],
	interval: ["1s", "1m", "1h", "1d", "1w", "1M"],
	orderId: ["1", "2", "3", "100"],
	limit: ["1", "5", "500", "1000"],
};

function valueFor(random: SeededRandom, name: string): string {
	const fitting = FITTING[name];
	if (fitting !== undefined && random.chance(0.8)) return random.pick(fitting);
	return random.pick(random.chance(0.6) ? GOOD : BAD);
}

/** The query of a random call: mostly signed and mostly sensible, sometimes raw garbage. */
function queryFor(random: SeededRandom, call: Call): string {
	const parameters: Record<string, string> = {};
	for (const name of call.parameters) {
		if (name === "timestamp" || name === "signature" || name === "recvWindow") continue;
		const usual = FITTING[name] !== undefined;
		if (random.chance(usual ? 0.7 : 0.15)) parameters[name] = valueFor(random, name);
	}
	if (random.chance(0.05)) parameters[random.pick(BAD)] = random.pick(BAD);
	if (random.chance(0.03)) return `${queryOf(parameters)}&%zz=%&=&&${random.pick(BAD)}`;
	return random.chance(0.1) ? queryOf(parameters) : api.signed(parameters);
}

test(`${REQUESTS} requests of seed ${SEED}`, async () => {
	const random = new SeededRandom(SEED);
	const statuses = new Map<number, number>();
	const broken: string[] = [];
	let left = REQUESTS;
	const client = async () => {
		while (left > 0) {
			left -= 1;
			await untilTimeCatchesUp();
			const call = random.pick(calls);
			const query = queryFor(random, call);
			const asBody = call.method !== "GET" && random.chance(0.3);
			const reply = asBody
				? await api.send(call.method, call.path, "", query)
				: await api.send(call.method, call.path, query);
			statuses.set(reply.status, (statuses.get(reply.status) ?? 0) + 1);
			if (reply.status >= 500)
				broken.push(`${call.method} ${call.path}?${query} → ${reply.status}`);
		}
	};
	await Promise.all(Array.from({ length: AT_ONCE }, client));
	console.log(`statuses: ${JSON.stringify(Object.fromEntries([...statuses].sort()))}`);
	expect(broken.slice(0, 5)).toEqual([]);
	expect(statuses.get(429) ?? 0).toBeLessThanOrEqual(REQUESTS / 100);
	expect(statuses.get(200) ?? 0).toBeGreaterThan(REQUESTS / 20);
	const audit = await askOperator(exchange.dataDir, "audit", {});
	expect(audit["sound"]).toBe(true);
});
