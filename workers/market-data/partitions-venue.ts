import type { AssetSpec, SymbolSpec } from "../../schemas/symbol.ts";
import type { VenueView } from "../../schemas/venue-config.ts";
import type { PartitionMarket } from "./partition-market.ts";

/**
 * The venue as several partitions tell it. Each has the configuration of its own position; a symbol is
 * as its own partition says.
 */
export class PartitionsVenue implements VenueView {
	private readonly markets: () => readonly PartitionMarket[];

	constructor(markets: () => readonly PartitionMarket[]) {
		this.markets = markets;
	}

	symbols(): readonly SymbolSpec[] {
		const own = this.markets().flatMap(({ partition, venue }) =>
			venue.symbols().filter((spec) => spec.partition === partition),
		);
		return own.sort((a, b) => a.symbolId - b.symbolId);
	}

	symbol(name: string): SymbolSpec | undefined {
		return this.own(({ venue }) => venue.symbol(name));
	}

	symbolById(symbolId: number): SymbolSpec | undefined {
		return this.own(({ venue }) => venue.symbolById(symbolId));
	}

	assets(): readonly AssetSpec[] {
		const byId = new Map<number, AssetSpec>();
		for (const { venue } of this.markets()) {
			for (const asset of venue.assets()) byId.set(asset.assetId, asset);
		}
		return [...byId.values()].sort((a, b) => a.assetId - b.assetId);
	}

	asset(name: string): AssetSpec | undefined {
		for (const { venue } of this.markets()) {
			const asset = venue.asset(name);
			if (asset !== undefined) return asset;
		}
		return undefined;
	}

	assetById(assetId: number): AssetSpec | undefined {
		for (const { venue } of this.markets()) {
			const asset = venue.assetById(assetId);
			if (asset !== undefined) return asset;
		}
		return undefined;
	}

	private own(ask: (market: PartitionMarket) => SymbolSpec | undefined): SymbolSpec | undefined {
		for (const market of this.markets()) {
			const spec = ask(market);
			if (spec !== undefined && spec.partition === market.partition) return spec;
		}
		return undefined;
	}
}
