/**
 * The operator speaks to venue workers that come and go, and go on beside their successors; what is not answered is
 * said again, to whoever is there. Then every partition has the same assets, and each command is written down, once.
 */
import { expect, test } from "bun:test";
import * as v from "valibot";
import type { AppendFate } from "../../../db/log/memory-log.ts";
import { type FakeServices, fakeServices } from "../../../edge/testing/fake-services.ts";
import type { AuditEntryOnce } from "../../../schemas/ports/audit-log.ts";
import { LedgerUnavailable } from "../../../schemas/ports/ledger.ts";
import { VenueConfig } from "../../../schemas/venue-config.ts";
import { Dice } from "../../accounts/testing/random-requests.ts";
import { pause } from "../../protocol/patience.ts";
import { Superseded } from "../../protocol/take-over.ts";
import { PARTITIONS, World } from "../../venue/testing/world.ts";
import { VenueStopped, type VenueWorker } from "../../venue/worker.ts";
import { OPERATOR_ACTIONS } from "./actions.ts";
import type { OperatorServices } from "./services.ts";

const SEEDS = Number(process.env["VENUE_SEEDS"] ?? 5);
const FIRST_SEED = Number(process.env["VENUE_FIRST_SEED"] ?? 1);
const STEPS = 60;
const FATES: readonly AppendFate[] = ["lost ack", "not written", "late", "twice"];
const RULES = {
	...{ quote: "USDT", tick: "0.01", lot: "0.00001", "max-price": "1000000" },
	...{ "max-qty": "900", "min-notional": "5" },
};
/** Two operators speak at once. */
const WANTED = [
	[asset("BTC"), asset("ETH"), market("BTC"), asset("XRP"), asset("ADA"), market("ETH")],
	[asset("USDT"), asset("SOL"), asset("DOT"), market("SOL"), asset("BNB"), market("DOT")],
];

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`what is said again is done once: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const world = new World();
		world.delayMs = () => dice.roll(20);
		await world.match();
		const edge = forgetful(dice);
		const venues: VenueWorker[] = [await world.venue()];
		/** The newest, or one that hung. */
		const someVenue = () => venues[dice.chance(800) ? 0 : dice.roll(venues.length)] as VenueWorker;
		const say = async ([name, flags]: Said): Promise<void> => {
			while (!(await isAnswered(edge, someVenue(), name, flags))) {
				await pause(world.time, 20);
			}
		};
		const all = Promise.all(
			WANTED.map(async (commands) => {
				for (const command of commands) {
					await pause(world.time, dice.roll(100));
					await say(command);
				}
			}),
		);
		for (let step = 0; step < STEPS; step += 1) {
			world.ordersFate = dice.chance(300) ? (FATES[dice.roll(4)] as AppendFate) : "ok";
			world.usualLedgerFault = dice.chance(300) ? "lost answer" : "ok";
			await world.time.advance(dice.roll(30));
			if (!dice.chance(300)) continue;
			world.ordersFate = "ok";
			venues.unshift(await world.venue());
		}
		world.ordersFate = "ok";
		world.usualLedgerFault = "ok";
		await world.settled(all);
		expect(world.fatal.every((error) => error instanceof Superseded)).toBe(true);
		const [first, ...others] = assetsOf(world);
		expect(first?.map(({ asset }) => asset).sort()).toEqual(
			WANTED.flat()
				.flatMap(([, flags]) => flags["asset"] ?? [])
				.sort(),
		);
		for (const other of others) expect(other).toEqual(first as NonNullable<typeof first>);
		expect(
			venues[0]
				?.view()
				.symbols()
				.map(({ symbol }) => symbol)
				.sort(),
		).toEqual(
			WANTED.flat()
				.flatMap(([, { base }]) => (base === undefined ? [] : `${base}USDT`))
				.sort(),
		);
		const written = edge.audit.records.map(({ subject }) => subject);
		expect(written.sort()).toEqual(WANTED.flat().map(subjectOf).sort());
	});
}

type Said = readonly [name: string, flags: Readonly<Record<string, string>>];

function asset(name: string): Said {
	return ["asset create", { asset: name, name }];
}

function market(base: string): Said {
	return ["symbol create", { ...RULES, base }];
}

function subjectOf([, { asset, base }]: Said): string {
	return base === undefined ? `asset:${asset}` : `symbol:${base}USDT`;
}

/** False when it may be done, or the other operator was just doing something else under the same number. */
async function isAnswered(
	edge: FakeServices,
	venue: VenueWorker,
	name: string,
	flags: Readonly<Record<string, string>>,
): Promise<boolean> {
	const wanted = OPERATOR_ACTIONS.get(name)!;
	const services = { edge, venue, shards: [], partitions: PARTITIONS, caughtUp: async () => {} };
	try {
		await wanted.run(services satisfies OperatorServices, v.parse(wanted.flags, flags));
		return true;
	} catch (error) {
		const isUnknown = error instanceof VenueStopped || error instanceof LedgerUnavailable;
		const again = /is not running|does it exist already|there is no asset/;
		if (isUnknown || again.test((error as Error).message)) return false;
		throw error;
	}
}

/** Its audit log is away now and then, or does not answer. */
function forgetful(dice: Dice): FakeServices {
	const edge = fakeServices();
	const appendOnce = edge.audit.appendOnce.bind(edge.audit);
	edge.audit.appendOnce = async (entry: AuditEntryOnce) => {
		if (dice.chance(200)) throw new LedgerUnavailable("not done");
		await appendOnce(entry);
		if (dice.chance(200)) throw new LedgerUnavailable("no answer");
	};
	return edge;
}

/** By partition, as its own events tell. */
function assetsOf({ trades }: World) {
	return Array.from({ length: PARTITIONS }, (_, partition) => {
		const config = new VenueConfig();
		for (const { events, command } of trades.all(partition)) {
			for (const event of events) config.hear(event, command);
		}
		return [...config.assets()].sort((a, b) => a.assetId - b.assetId);
	});
}
