import type { AssetSpec, SymbolSpec } from "./symbol.ts";
import type { VenueView } from "./venue-config.ts";

/** What one partition tells. */
export interface PartitionVenue {
	readonly partition: number;
	readonly venue: VenueView;
}

/**
 * The venue as several partitions tell it. Each has the configuration of its own position; a symbol is
 * as its own partition says.
 */
export class PartitionsVenue implements VenueView {
	private readonly told: () => readonly PartitionVenue[];

	constructor(told: () => readonly PartitionVenue[]) {
		this.told = told;
	}

	symbols(): readonly SymbolSpec[] {
		const own = this.told().flatMap(({ partition, venue }) =>
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
		for (const { venue } of this.told()) {
			for (const asset of venue.assets()) byId.set(asset.assetId, asset);
		}
		return [...byId.values()].sort((a, b) => a.assetId - b.assetId);
	}

	asset(name: string): AssetSpec | undefined {
		for (const { venue } of this.told()) {
			const asset = venue.asset(name);
			if (asset !== undefined) return asset;
		}
		return undefined;
	}

	assetById(assetId: number): AssetSpec | undefined {
		for (const { venue } of this.told()) {
			const asset = venue.assetById(assetId);
			if (asset !== undefined) return asset;
		}
		return undefined;
	}

	private own(ask: (told: PartitionVenue) => SymbolSpec | undefined): SymbolSpec | undefined {
		for (const told of this.told()) {
			const spec = ask(told);
			if (spec !== undefined && spec.partition === told.partition) return spec;
		}
		return undefined;
	}
}
