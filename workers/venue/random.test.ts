/** A venue worker that starts has the configuration that the log tells, wherever the ledger stands. */
import { expect, test } from "bun:test";
import type { LedgerFault } from "../../db/ledger/memory-ledger.ts";
import type { AppendFate } from "../../db/log/memory-log.ts";
import { SymbolState } from "../../schemas/order.ts";
import { btc, btcUsdt, usdt } from "../../schemas/testing/symbols.ts";
import { VenueConfig, type VenueView } from "../../schemas/venue-config.ts";
import { Dice } from "../accounts/testing/random-requests.ts";
import { Superseded } from "../protocol/take-over.ts";
import { World } from "./testing/world.ts";
import type { VenueWorker } from "./worker.ts";

const SEEDS = Number(process.env["VENUE_SEEDS"] ?? 5);
const FIRST_SEED = Number(process.env["VENUE_FIRST_SEED"] ?? 1);
const STEPS = 60;
const STATES = Object.values(SymbolState);
const LEDGER_FAULTS: readonly LedgerFault[] = ["not done", "lost answer", "late"];
const FATES: readonly AppendFate[] = ["lost ack", "not written", "late", "twice"];

for (let seed = FIRST_SEED; seed < FIRST_SEED + SEEDS; seed += 1) {
	test(`a start knows what the log tells: seed ${seed}`, async () => {
		const dice = new Dice(seed * 7_919);
		const world = new World();
		world.delayMs = () => dice.roll(10);
		await world.match();
		let venue = await world.venue();
		for (const asset of [btc, usdt]) await world.settled(venue.addAsset(asset));
		for (let step = 0; step < STEPS; step += 1) {
			world.ordersFate = dice.chance(200) ? (FATES[dice.roll(4)] as AppendFate) : "ok";
			world.usualLedgerFault = dice.chance(500)
				? "ok"
				: (LEDGER_FAULTS[dice.roll(3)] as LedgerFault);
			// Who is superseded meanwhile does not know what became of it.
			change(dice, venue).catch(() => {});
			await world.time.advance(dice.chance(100) ? 5_000 : dice.roll(40));
			if (!dice.chance(150)) continue;
			world.ordersFate = "ok";
			world.usualLedgerFault = "ok";
			venue = await world.venue();
			expect(configOf(venue.view())).toEqual(configOf(toldBy(world)));
		}
		expect(world.fatal.every((error) => error instanceof Superseded)).toBe(true);
		expect(venue.view().symbols().length).toBeGreaterThan(2);
	});
}

/** A new symbol, or another state or other fees of one that is there. */
function change(dice: Dice, venue: VenueWorker): Promise<unknown> {
	const symbols = venue.view().symbols();
	const known = symbols[dice.roll(symbols.length + 1)];
	if (known === undefined) {
		const symbolId = 1 + dice.roll(8);
		const added = { ...btcUsdt, symbolId, symbol: `S${symbolId}`, partition: symbolId % 2 };
		return venue.addSymbol(added);
	}
	if (dice.chance(500)) {
		return venue.setSymbolState(known, STATES[dice.roll(STATES.length)] as SymbolState);
	}
	return venue.setSymbolRules({ ...known, makerFeePpm: dice.roll(1_000) });
}

/** By the whole log. */
function toldBy({ trades }: World): VenueConfig {
	const config = new VenueConfig();
	for (const partition of [0, 1]) {
		for (const { events, command } of trades.all(partition)) {
			for (const event of events) config.hear(event, command);
		}
	}
	return config;
}

/** In no order. */
function configOf(view: VenueView) {
	return {
		assets: [...view.assets()].sort((a, b) => a.assetId - b.assetId),
		symbols: [...view.symbols()].sort((a, b) => a.symbolId - b.symbolId),
	};
}
