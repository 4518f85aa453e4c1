/**
 * Fills a data folder's log with commands, as fast as the account worker takes them, and dies by
 * SIGKILL in the middle of it: `bun fill-log.ts COMMANDS`, DATA_DIR and the other settings as usual.
 */
import { lockDataDir } from "../../../db/data-dir/lock.ts";
import { OrderType, Side, StpMode, TimeInForce } from "../../../schemas/order.ts";
import type { AccountService, Caller } from "../../../schemas/ports/account-service.ts";
import { startExchange } from "../exchange.ts";
import { readSettings } from "../settings.ts";
import { SeededRandom } from "../simulation/seeded-random.ts";

const AT_ONCE = 500;
const USERS = 200;
const commands = Number(process.argv[2] ?? 1_000_000);

const settings = readSettings(process.env, "");
lockDataDir(settings.DATA_DIR);
const exchange = await startExchange(
	settings,
	() => {},
	(error) => {
		console.error(error);
		process.exit(1);
	},
);
const { edge } = exchange.operator;
const random = new SeededRandom(1);
const users: number[] = [];
for (let i = 0; i < USERS; i += 1) {
	const email = `fill-${i}@example.com`;
	const user = await edge.users.createUser({ email, passwordHash: "", createdAtMs: 0 });
	if (user === null) throw new Error(`${email} is taken`);
	users.push(user.userId);
	for (const assetId of [1, 2, 3]) {
		const amount = 10n ** 17n;
		const request = { userId: user.userId, assetId, amount, externalId: `fill-${assetId}` };
		const outcome = await edge.accounts(user.userId).deposit(request);
		if (!outcome.ok) throw new Error(outcome.refusal.reason);
	}
}

/** Commands that were answered and so are in the log. */
let logged = 0;
let names = 0;
const startedAt = performance.now();

async function client(): Promise<void> {
	for (;;) {
		const userId = random.pick(users);
		const accounts = edge.accounts(userId);
		const orderId = await place(accounts, userId);
		if (orderId === 0) logged += (await accounts.cancelAll(caller(userId), 1)).ok ? 1 : 0;
		else if (random.chance(0.5)) await cancel(accounts, userId, orderId);
		if (logged < commands) continue;
		const seconds = (performance.now() - startedAt) / 1_000;
		console.log(`${logged} commands in ${seconds.toFixed(1)} s`);
		process.kill(process.pid, "SIGKILL");
	}
}

async function cancel(accounts: AccountService, userId: number, orderId: number): Promise<void> {
	names += 1;
	const outcome = await accounts.cancelOrder(caller(userId), {
		...{ symbolId: 1, orderId, origClientOrderId: "", clientOrderId: `c${names}` },
		restriction: 0,
	});
	if (outcome.ok) logged += 1;
}

async function place(accounts: AccountService, userId: number): Promise<number> {
	names += 1;
	const outcome = await accounts.placeOrder(caller(userId), {
		symbolId: 1,
		side: random.pick([Side.Buy, Side.Sell]),
		type: OrderType.Limit,
		timeInForce: random.chance(0.7) ? TimeInForce.Gtc : TimeInForce.Ioc,
		byQuote: false,
		priceTicks: 6_000_000 + random.below(2_000) - 1_000,
		qtyLots: 100 + random.below(900),
		quoteTickLots: 0,
		stopPriceTicks: 0,
		displayLots: 0,
		stpMode: StpMode.None,
		clientOrderId: `f${names}`,
		clientIdGiven: false,
		strategyId: 0,
		strategyType: 0,
	});
	if (!outcome.ok) return 0;
	logged += 1;
	return outcome.value.order.orderId;
}

function caller(userId: number): Caller {
	return {
		...{ userId, keyId: 0, keyGeneration: 0, signatureDigest: "" },
		...{ timestampMs: 0, recvWindowMs: 0 },
	};
}

await Promise.all(Array.from({ length: AT_ONCE }, client));
