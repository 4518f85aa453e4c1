import { SymbolState } from "../order.ts";
import type { AssetSpec, SymbolFilters, SymbolSpec } from "../symbol.ts";
import type { VenueConfigState } from "../venue-config.ts";
import { list, object, one, text, variant, whole } from "./shape.ts";

/** Where a gateway takes links. */
export const LINK_PATH = "/link";

/** The first value of every message. What follows is of the shape below of the same name. */
export const MessageKind = {
	/** Worker: whom it serves on this link from here on. */
	Hello: 1,
	/** Gateway: it has heard the hello, and asks accordingly from here on. */
	Heard: 2,
	/** Gateway: a question; the method's arguments follow. */
	Call: 3,
	/** Worker: the answer to a call; the method's value follows. */
	Answer: 4,
	/** Worker: there is no answer to a call. The outcome is unknown. */
	Failure: 5,
	/** Account worker: how far a shard has settled a partition. The shard's answers behind it, up to the next, are as new. */
	Settled: 6,
	/** Market-data worker: a partition's assets and symbols, all of them. */
	Venue: 7,
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

export type Hello =
	| {
			readonly service: "accounts";
			readonly shards: readonly { readonly shard: number; readonly epoch: number }[];
	  }
	| { readonly service: "market-data"; readonly partitions: readonly number[] };

export interface Call {
	/** Grows on each link from 1. */
	readonly id: number;
	/** The shard, or the partition, that is asked. */
	readonly target: number;
	/** Of market data: the answer must not be older than this evSeq. */
	readonly atLeast: number;
	readonly method: string;
}

export interface Answer {
	readonly id: number;
	/** Of market data: the evSeq at which it was given. */
	readonly evSeq: number;
}

export interface Failure {
	readonly id: number;
	readonly reason: string;
}

export interface Settled {
	readonly shard: number;
	readonly partition: number;
	readonly evSeq: number;
}

export interface Venue {
	readonly partition: number;
	/** Of the record that changed it last, or a later one. */
	readonly evSeq: number;
	readonly state: VenueConfigState;
}

const ownShard = object<{ readonly shard: number; readonly epoch: number }>({
	shard: whole,
	epoch: whole,
});

export const hello = variant<Hello, "service">("service", [
	["accounts", { shards: list(ownShard) }],
	["market-data", { partitions: list(whole) }],
]);

export const call = object<Call>({ id: whole, target: whole, atLeast: whole, method: text });
export const answer = object<Answer>({ id: whole, evSeq: whole });
export const failure = object<Failure>({ id: whole, reason: text });
export const settled = object<Settled>({ shard: whole, partition: whole, evSeq: whole });

const asset = object<AssetSpec>({ assetId: whole, asset: text, name: text, decimals: whole });

const filters = object<SymbolFilters>({
	minPriceTicks: whole,
	maxPriceTicks: whole,
	tickTicks: whole,
	minQtyLots: whole,
	maxQtyLots: whole,
	stepLots: whole,
	marketMinQtyLots: whole,
	marketMaxQtyLots: whole,
	marketStepLots: whole,
	minNotionalTickLots: whole,
	maxNotionalTickLots: whole,
	bidUpPermille: whole,
	bidDownPermille: whole,
	askUpPermille: whole,
	askDownPermille: whole,
	avgPriceMins: whole,
	maxNumOrders: whole,
	maxNumStopOrders: whole,
	icebergParts: whole,
});

const symbol = object<SymbolSpec>({
	symbolId: whole,
	symbol: text,
	partition: whole,
	base: asset,
	quote: asset,
	tickSize: text,
	lotSize: text,
	quoteUnitsPerTickLot: whole,
	baseUnitsPerLot: whole,
	maxPriceTicks: whole,
	maxQtyLots: whole,
	filters,
	makerFeePpm: whole,
	takerFeePpm: whole,
	bandPermille: whole,
	state: one(Object.values(SymbolState)),
});

export const venue = object<Venue>({
	partition: whole,
	evSeq: whole,
	state: object<VenueConfigState>({ assets: list(asset), symbols: list(symbol) }),
});
