import { type Message, messageOf } from "../../../schemas/link/link-end.ts";
import { marketDataMethods } from "../../../schemas/link/market-data-methods.ts";
import { type Call, type Hello, MessageKind, venue } from "../../../schemas/link/messages.ts";
import type { MarketData } from "../../../schemas/ports/market-data.ts";
import type { VenueConfigState } from "../../../schemas/venue-config.ts";
import type { Answered } from "./call-server.ts";
import type { LinkService } from "./link-service.ts";

/** What a market-data worker gives for its links. */
export interface ServedMarketData {
	readonly partitions: readonly number[];
	readonly marketData: MarketData;
	evSeq(partition: number): number;
	/** Resolves when the partition has come so far; rejects when it does not in time. */
	whenAt(partition: number, evSeq: number): Promise<void>;
	/** A partition's assets and symbols, and the record that changed them last, or a later one. */
	venueOf(partition: number): { readonly evSeq: number; state(): VenueConfigState };
	onVenueChanged(tell: () => void): () => void;
}

/** The market data of this process, over links. */
export class MarketDataOnLink implements LinkService {
	readonly methods = marketDataMethods as unknown as LinkService["methods"];
	private readonly served: ServedMarketData;

	constructor(served: ServedMarketData) {
		this.served = served;
	}

	hello(): Hello {
		return { service: "market-data", partitions: this.served.partitions };
	}

	farewell(): Hello {
		return { service: "market-data", partitions: [] };
	}

	async answer({ target, method, atLeast }: Call, args: readonly unknown[]): Promise<Answered> {
		const { served } = this;
		if (!served.partitions.includes(target)) throw new Error(`no partition ${target} here`);
		if (served.evSeq(target) < atLeast) await served.whenAt(target, atLeast);
		const asks = served.marketData as unknown as Record<string, (...a: unknown[]) => unknown>;
		const given = asks[method]!.apply(asks, args as unknown[]);
		// What is read at once is exactly this new; the rest may be newer.
		const evSeq = served.evSeq(target);
		return { value: await given, evSeq };
	}

	newsOfLink(): () => readonly Message[] {
		const told = new Map<number, number>();
		return () => {
			const news: Message[] = [];
			for (const partition of this.served.partitions) {
				const { evSeq, state } = this.served.venueOf(partition);
				if (told.get(partition) === evSeq) continue;
				told.set(partition, evSeq);
				const content = { partition, evSeq, state: state() };
				news.push(messageOf(MessageKind.Venue, venue, content));
			}
			return news;
		};
	}

	onNews(tell: () => void): () => void {
		return this.served.onVenueChanged(tell);
	}
}
