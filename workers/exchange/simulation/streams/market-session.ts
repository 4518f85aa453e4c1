import { SYMBOLS } from "../order-maker.ts";
import type { ModelSymbol } from "../referee/model-symbol.ts";
import type { World } from "../world.ts";
import { LocalBook } from "./local-book.ts";
import type { Asks, Session } from "./session.ts";
import type { Wire } from "./wire.ts";

/** How long a client waits before it asks for a snapshot again, ms. */
const ASK_AGAIN_MS = 200;

/** What it hears of one symbol. */
interface Feed {
	readonly name: string;
	readonly symbol: ModelSymbol;
	readonly book: LocalBook;
	/** The next trade that must come; those before it may. */
	dueTradeId: number;
	lastTradeId: number;
}

/**
 * A connection to the market streams: keeps a book of every symbol, and takes every trade once and in
 * order. As long as it is open there is no hole in it.
 */
export class MarketSession implements Session {
	/** The address that subscribes it to everything. */
	static readonly target = `/stream?streams=${SYMBOLS.flatMap((symbol) => {
		const name = symbol.toLowerCase();
		return [`${name}@depth@100ms`, `${name}@trade`];
	}).join("/")}`;
	/** The streams of a connection that subscribes by frames instead, slow depth for a change. */
	static readonly names = SYMBOLS.flatMap((symbol) => {
		const name = symbol.toLowerCase();
		return [`${name}@depth`, `${name}@trade`];
	});
	private readonly world: World;
	private readonly asks: Asks;
	private readonly byFrames: boolean;
	private readonly feeds = new Map<string, Feed>();
	private over = false;

	constructor(world: World, asks: Asks, byFrames: boolean) {
		this.world = world;
		this.asks = asks;
		this.byFrames = byFrames;
		for (const symbol of world.referee.market.symbols.values()) {
			const fault = (text: string): void => world.fault(text);
			const { symbol: name } = symbol.spec;
			const book = new LocalBook(symbol, fault);
			this.feeds.set(name, { name, symbol, book, dueTradeId: 0, lastTradeId: 0 });
		}
	}

	opened(wire: Wire): void {
		if (this.byFrames) {
			const frame = { method: "SUBSCRIBE", params: MarketSession.names, id: 1 };
			wire.send(JSON.stringify(frame));
		} else this.begin();
	}

	text(text: string): void {
		const message = JSON.parse(text);
		if ("id" in message) return this.begin();
		const event = message.data ?? message;
		const feed = this.feeds.get(event.s);
		if (feed === undefined) return;
		if (event.e === "depthUpdate") {
			if (!feed.book.hear(event)) void this.askForSnapshot(feed);
		} else if (event.e === "trade") this.trade(feed, event);
	}

	ended(): void {
		this.over = true;
	}

	lacks(): string | null {
		for (const { name, symbol, book, dueTradeId } of this.feeds.values()) {
			if (!book.isComplete()) return `the book of ${name}`;
			if (dueTradeId <= symbol.trades.length) return `trade ${dueTradeId} of ${name}`;
		}
		return null;
	}

	whole(): void {
		for (const { book } of this.feeds.values()) book.check();
	}

	takeStock(): void {
		for (const { book } of this.feeds.values()) book.takeStock();
	}

	private trade(feed: Feed, event: { readonly t: number; readonly p: string; readonly q: string }) {
		const { symbol, name } = feed;
		const hole = feed.dueTradeId > 0 && event.t > feed.dueTradeId;
		if (hole) this.world.fault(`16: ${name}: trade ${event.t} is told, ${feed.dueTradeId} was due`);
		if (event.t <= feed.lastTradeId)
			this.world.fault(`16: ${name}: trade ${event.t} is told again`);
		feed.lastTradeId = event.t;
		feed.dueTradeId = Math.max(feed.dueTradeId, event.t + 1);
		const trade = symbol.trades[event.t - 1]?.trade;
		const lots = Math.round(Number(event.q) / Number(symbol.spec.lotSize));
		const ticks = Math.round(Number(event.p) / Number(symbol.spec.tickSize));
		if (trade?.qtyLots !== lots || trade.priceTicks !== ticks) {
			this.world.fault(`16: ${name}: trade ${event.t} is told wrong`);
		}
	}

	/** From here on everything that happens is heard. */
	private begin(): void {
		for (const feed of this.feeds.values()) {
			feed.dueTradeId = Math.max(feed.dueTradeId, feed.symbol.trades.length + 1);
			void this.askForSnapshot(feed);
		}
	}

	private async askForSnapshot(feed: Feed): Promise<void> {
		if (this.over) return;
		const reply = await this.asks("depth", { symbol: feed.name, limit: 5_000 });
		if (this.over || (reply.status === 200 && feed.book.start(reply.body))) return;
		this.world.time.after(ASK_AGAIN_MS, () => void this.askForSnapshot(feed));
	}
}
