/**
 * Each kind of strike at a running stack once, while clients trade: nothing that was answered is lost,
 * nothing is there twice. All of them, and many times: `bun run bench kills`. At last, in a market that is
 * still: a market order finds its price whoever has its shard.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { StackRounds } from "./testing/stack-kills/stack-rounds.ts";
import {
	DRAINS,
	DYNAMODB_AWAY,
	KAFKA_RESTARTS,
	KILLS,
	PAUSES,
	POSTGRES_KILLS,
	REDIS_KILLS,
	S3_AWAY,
	type StackScene,
} from "./testing/stack-kills/stack-scenes.ts";
import { StackUnderTest, shardOf } from "./testing/stack-kills/stack-under-test.ts";

/** Of those there are two of, the first. */
const isOfFirst = ({ says }: StackScene) => !/accounts-2|matching-1/.test(says);

const SCENES = [
	...KILLS.filter(isOfFirst),
	...DRAINS.filter(isOfFirst),
	...PAUSES.filter(({ says }) => says.includes("accounts-2")),
	...KAFKA_RESTARTS,
	...POSTGRES_KILLS,
	...REDIS_KILLS,
	...DYNAMODB_AWAY,
	...S3_AWAY,
];

const ANSWERED_WITHIN_MS = 20_000;

const exchange = new StackUnderTest(() => {});
let rounds: StackRounds;

beforeAll(async () => {
	await exchange.start();
	rounds = await StackRounds.open(exchange);
});

afterAll(async () => {
	await rounds?.close();
	await exchange.dispose();
});

test.each(SCENES.map((scene) => [scene.says, scene] as const))("%s", async (_, scene) => {
	const round = await rounds.run(scene);
	console.log(
		`${round.says}: ${round.answered} orders answered, ${round.unknown} unknown, ` +
			`the longest silence ${round.longestSilenceMs.toFixed(0)} ms`,
	);
	expect(round.faults).toEqual([]);
	expect(round.answered).toBeGreaterThan(0);
});

test("a market order finds another shard's price after its own was taken over", async () => {
	const { operator } = exchange;
	const base = await operator.base();
	const [seller, buyer] = [
		await operator.trader(base, { [base]: "10" }),
		await operator.trader(base, { USDT: "1000" }),
	];
	const shard = shardOf(buyer);
	expect(shardOf(seller)).not.toBe(shard);
	await seller.limit("SELL", "10", "100");
	await untilKnown(shard, `${base}USDT`);
	(await exchange.holderOf(`accounts-${shard}`)).kill();
	const deadline = performance.now() + ANSWERED_WITHIN_MS;
	const buy = () => buyer.order({ side: "BUY", type: "MARKET", quantity: "1" });
	let reply = await buy();
	while (reply.status !== 200 && performance.now() < deadline) {
		await Bun.sleep(50);
		reply = await buy();
	}
	expect([reply.status, reply.body]).toMatchObject([200, { status: "FILLED" }]);
	await exchange.untilUp();
});

/** Resolves when the ledger has an ask of the symbol for the shard. */
async function untilKnown(shard: number, name: string): Promise<void> {
	const ledger = exchange.openLedger();
	try {
		for (;;) {
			const { config, prices } = await ledger.load(shard);
			const spec = config.symbols.find(({ symbol }) => symbol === name);
			if (prices.some((row) => row.symbolId === spec?.symbolId && row.askTicks > 0)) return;
			await Bun.sleep(50);
		}
	} finally {
		await ledger.close();
	}
}
