import { isDeepStrictEqual } from "node:util";
import * as v from "valibot";
import { SYMBOL_STATE_NAMES, symbolStateOf } from "../../../schemas/api/order-names.ts";
import type { SymbolState } from "../../../schemas/order.ts";
import { Rejection } from "../../../schemas/rejection.ts";
import type { AssetSpec, SymbolSpec } from "../../../schemas/symbol.ts";
import { SymbolDraftError, symbolOf } from "../../venue/symbol-draft.ts";
import { action, flagsOf, OperatorRefusal, textFlag } from "./action.ts";
import { audit, auditOnce } from "./audit-entry.ts";
import type { OperatorServices } from "./services.ts";

const ppmFlag = v.pipe(
	textFlag,
	v.regex(/^\d{1,6}$/, "must be millionths, 0 to 999999"),
	v.transform(Number),
);

const assetCreate = action({
	name: "asset create",
	usage: "--asset A --name N [--decimals 8]",
	says: "an asset that users can have; said again, it is answered as the first time",
	flags: flagsOf({
		asset: v.pipe(textFlag, v.regex(/^[A-Z0-9]{2,10}$/, "must be 2 to 10 of A-Z 0-9")),
		name: textFlag,
		decimals: v.optional(
			v.pipe(textFlag, v.regex(/^[0-8]$/, "must be 0 to 8"), v.transform(Number)),
			"8",
		),
	}),
	async run({ edge, venue, caughtUp }, { asset, name, decimals }) {
		const view = venue.view();
		const there = view.asset(asset);
		if (there !== undefined && (there.name !== name || there.decimals !== decimals)) {
			throw new OperatorRefusal(
				`${asset} is there already: ${there.name}, with ${there.decimals} decimals`,
			);
		}
		const assetId = there?.assetId ?? 1 + Math.max(0, ...view.assets().map((a) => a.assetId));
		const answer = await venue.addAsset({ assetId, asset, name, decimals });
		// Partitions that have it refuse it; one that the first time did not come to takes it.
		if (there === undefined) said(answer, asset);
		await caughtUp();
		const details = { name, decimals, id: String(assetId) };
		await auditOnce({ edge }, "asset.create", `asset:${asset}`, details);
		return { assetId, asset, name, decimals };
	},
});

const symbolCreate = action({
	name: "symbol create",
	usage:
		"--base A --quote B --tick T --lot L --max-price P --max-qty Q --min-notional N [--max-notional 9000000] [--maker-ppm 1000] [--taker-ppm 1000]",
	says: "a market, trading at once; said again, it is answered as it is",
	flags: flagsOf({
		base: textFlag,
		quote: textFlag,
		tick: textFlag,
		lot: textFlag,
		"max-price": textFlag,
		"max-qty": textFlag,
		"min-notional": textFlag,
		"max-notional": v.optional(textFlag, "9000000"),
		"maker-ppm": v.optional(ppmFlag, "1000"),
		"taker-ppm": v.optional(ppmFlag, "1000"),
	}),
	async run({ edge, venue, partitions, caughtUp }, flags) {
		const view = venue.view();
		const there = view.symbol(flags.base + flags.quote);
		const symbolId = there?.symbolId ?? 1 + Math.max(0, ...view.symbols().map((s) => s.symbolId));
		const draft = {
			base: known(view.asset(flags.base), flags.base),
			quote: known(view.asset(flags.quote), flags.quote),
			tickSize: flags.tick,
			lotSize: flags.lot,
			minPrice: flags.tick,
			maxPrice: flags["max-price"],
			minQty: flags.lot,
			maxQty: flags["max-qty"],
			marketMaxQty: flags["max-qty"],
			minNotional: flags["min-notional"],
			maxNotional: flags["max-notional"],
			makerFeePpm: flags["maker-ppm"],
			takerFeePpm: flags["taker-ppm"],
		};
		try {
			const symbol = symbolOf(draft, symbolId, there?.partition ?? symbolId % partitions);
			if (there === undefined) said(await venue.addSymbol(symbol), symbol.symbol);
			else checkSame(there, symbol);
			await caughtUp();
			const { makerFeePpm, takerFeePpm } = symbol;
			const rules = { tick: flags.tick, lot: flags.lot, makerFeePpm, takerFeePpm };
			const details = { ...rules, id: String(symbolId) };
			await auditOnce({ edge }, "symbol.create", `symbol:${symbol.symbol}`, details);
			return shown(there ?? symbol);
		} catch (error) {
			if (error instanceof SymbolDraftError) throw new OperatorRefusal(error.message);
			throw error;
		}
	},
});

const symbolState = action({
	name: "symbol state",
	usage: `--symbol S --state ${SYMBOL_STATE_NAMES.join("|")}`,
	says: "what a market takes from here on",
	flags: flagsOf({
		symbol: textFlag,
		state: v.picklist(SYMBOL_STATE_NAMES, "is no state"),
	}),
	async run(services: OperatorServices, flags) {
		const symbol = services.venue.view().symbol(flags.symbol);
		if (symbol === undefined) throw new OperatorRefusal(`there is no symbol ${flags.symbol}`);
		const state = symbolStateOf(flags.state) as SymbolState;
		// The entry comes last: a market is halted whether the database answers or not. Said again, it is written.
		said(await services.venue.setSymbolState(symbol, state), flags.symbol);
		await services.caughtUp();
		await audit(services, "symbol.state", `symbol:${flags.symbol}`, { state: flags.state });
		return { symbol: flags.symbol, state: flags.state };
	},
});

const symbolList = action({
	name: "symbol list",
	usage: "",
	says: "the venue's markets",
	flags: flagsOf({}),
	run: async ({ venue }) => venue.view().symbols().map(shown),
});

/** With its state as `symbol state` takes it. */
function shown(symbol: SymbolSpec) {
	return { ...symbol, state: SYMBOL_STATE_NAMES[symbol.state] };
}

function known(asset: AssetSpec | undefined, name: string): AssetSpec {
	if (asset === undefined) throw new OperatorRefusal(`there is no asset ${name}`);
	return asset;
}

/** @throws OperatorRefusal when the market that is there is another one, but for its state */
function checkSame(there: SymbolSpec, asked: SymbolSpec): void {
	if (isDeepStrictEqual(there, { ...asked, state: there.state })) return;
	throw new OperatorRefusal(`${asked.symbol} is there already, with other rules`);
}

/** @throws OperatorRefusal unless the engine took it */
function said(answer: Rejection, what: string): void {
	if (answer === Rejection.None) return;
	const reason = Object.entries(Rejection).find(([, value]) => value === answer)?.[0];
	throw new OperatorRefusal(`${what}: the engine refused it (${reason}); does it exist already?`);
}

export const venueActions = [assetCreate, symbolCreate, symbolState, symbolList];
