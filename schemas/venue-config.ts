import { type Command, CommandKind } from "./command.ts";
import { type Event, EventKind } from "./event.ts";
import type { AssetSpec, SymbolSpec } from "./symbol.ts";

/** What a reader of configuration may ask. */
export interface VenueView {
	symbols(): readonly SymbolSpec[];
	symbol(name: string): SymbolSpec | undefined;
	symbolById(symbolId: number): SymbolSpec | undefined;
	assets(): readonly AssetSpec[];
	asset(name: string): AssetSpec | undefined;
	assetById(assetId: number): AssetSpec | undefined;
}

/** Plain data of a VenueConfig, for snapshots. */
export interface VenueConfigState {
	readonly assets: readonly AssetSpec[];
	readonly symbols: readonly SymbolSpec[];
}

/**
 * The venue's assets and symbols at a position of the log: a function of its events, so every worker that
 * reads `trades` has the same one.
 */
export class VenueConfig implements VenueView {
	private readonly byAssetId = new Map<number, AssetSpec>();
	private readonly byAsset = new Map<string, AssetSpec>();
	private readonly bySymbolId = new Map<number, SymbolSpec>();
	private readonly bySymbol = new Map<string, SymbolSpec>();

	constructor(state?: VenueConfigState) {
		for (const asset of state?.assets ?? []) this.putAsset(asset);
		for (const symbol of state?.symbols ?? []) this.putSymbol(symbol);
	}

	/**
	 * Applies one event of the log; true when it changed the configuration.
	 *
	 * @param command what the event answers; null for a symbol that halted by itself
	 */
	hear(event: Event, command: Command | null): boolean {
		switch (event.kind) {
			case EventKind.SymbolStateSet:
				return this.apply({ ...event, kind: CommandKind.SetSymbolState });
			case EventKind.AssetAdded:
			case EventKind.SymbolAdded:
			case EventKind.SymbolRulesSet:
				return command !== null && this.apply(command);
			default:
				return false;
		}
	}

	/** Applies one accepted command; true when it changed the configuration. */
	apply(command: Command): boolean {
		switch (command.kind) {
			case CommandKind.AddAsset:
				this.putAsset(command.asset);
				return true;
			case CommandKind.AddSymbol:
			case CommandKind.SetSymbolRules:
				this.putSymbol(command.symbol);
				return true;
			case CommandKind.SetSymbolState: {
				const symbol = this.bySymbolId.get(command.symbolId);
				if (symbol !== undefined) this.putSymbol({ ...symbol, state: command.state });
				return symbol !== undefined;
			}
			default:
				return false;
		}
	}

	symbols(): readonly SymbolSpec[] {
		return [...this.bySymbolId.values()];
	}

	symbol(name: string): SymbolSpec | undefined {
		return this.bySymbol.get(name);
	}

	symbolById(symbolId: number): SymbolSpec | undefined {
		return this.bySymbolId.get(symbolId);
	}

	assets(): readonly AssetSpec[] {
		return [...this.byAssetId.values()];
	}

	asset(name: string): AssetSpec | undefined {
		return this.byAsset.get(name);
	}

	assetById(assetId: number): AssetSpec | undefined {
		return this.byAssetId.get(assetId);
	}

	state(): VenueConfigState {
		return { assets: this.assets(), symbols: this.symbols() };
	}

	private putAsset(asset: AssetSpec): void {
		this.byAssetId.set(asset.assetId, asset);
		this.byAsset.set(asset.asset, asset);
	}

	private putSymbol(symbol: SymbolSpec): void {
		this.bySymbolId.set(symbol.symbolId, symbol);
		this.bySymbol.set(symbol.symbol, symbol);
	}
}
