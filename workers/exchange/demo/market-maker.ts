/**
 * A market-making bot, in a thread of its own: it knows the exchange only by its public API, like any
 * client. It keeps a ladder of limit orders around its opinion of the price and now and then takes.
 */
import { fairPrice } from "./fair-price.ts";
import { RestClient, RestError } from "./rest-client.ts";

declare const self: Worker;

/** What the parent sends to start it. */
export interface MarketMakerStart {
	readonly base: string;
	readonly apiKey: string;
	readonly secret: string;
	/** Its ladder's distance from the fair price, in millionths. */
	readonly spreadPpm: number;
	/** Turns in which it takes instead of making, of a hundred. */
	readonly takesOf100: number;
}

interface Market {
	readonly symbol: string;
	readonly base: string;
	readonly quote: string;
	/** Usual size of an order, in base. */
	readonly size: number;
	readonly priceDecimals: number;
	readonly qtyDecimals: number;
}

interface OpenOrder {
	readonly orderId: number;
	readonly side: "BUY" | "SELL";
	readonly price: number;
}

const MARKETS: readonly Market[] = [
	{ symbol: "BTCUSDT", base: "BTC", quote: "USDT", size: 0.02, priceDecimals: 2, qtyDecimals: 5 },
	{ symbol: "ETHUSDT", base: "ETH", quote: "USDT", size: 0.3, priceDecimals: 2, qtyDecimals: 4 },
	{ symbol: "ETHBTC", base: "ETH", quote: "BTC", size: 0.2, priceDecimals: 5, qtyDecimals: 3 },
];

const LEVELS = 6;
/** Of a side, near or far, as long as the exchange takes them. */
const LEAST_LEVELS = 2;
const TURN_MS = 450;
/** How far from the fair price it takes, as a part of it. */
const TAKE_WITHIN = 0.01;
/** Orders further from the fair price than this many rungs are taken back. */
const STALE_RUNGS = LEVELS + 3;

self.onmessage = (message: MessageEvent<MarketMakerStart>) => {
	const start = message.data;
	const client = new RestClient(start.base, start.apiKey, start.secret);
	let turn = 0;
	const next = async (): Promise<void> => {
		const market = MARKETS[turn % MARKETS.length] as Market;
		turn += 1;
		try {
			await play(client, market, start);
		} catch (error) {
			// Refusals are part of trading; an exchange that is gone is found gone again next turn.
			if (!(error instanceof RestError)) await Bun.sleep(TURN_MS * 4);
		}
		setTimeout(next, TURN_MS);
	};
	next();
};

async function play(client: RestClient, market: Market, start: MarketMakerStart): Promise<void> {
	const fair = fairPrice(market.base, market.quote, Date.now());
	if (Math.random() * 100 < start.takesOf100) return take(client, market, fair);
	const rung = fair * (start.spreadPpm / 1e6);
	const open = await openOrders(client, market);
	for (const side of ["BUY", "SELL"] as const) {
		const away = (order: OpenOrder) => (side === "BUY" ? fair - order.price : order.price - fair);
		const mine = open.filter((order) => order.side === side);
		// On the wrong side of the fair price: gone before anything else.
		const wrong = mine.filter((order) => away(order) < rung * 0.2);
		await cancel(client, market, wrong);
		const far = mine.filter((order) => away(order) > rung * STALE_RUNGS);
		const near = mine.length - wrong.length - far.length;
		let placed = 0;
		for (let missing = Math.min(3, LEVELS - near); missing > 0; missing -= 1) {
			const distance = rung * (0.5 + Math.random() * LEVELS);
			const price = side === "BUY" ? fair - distance : fair + distance;
			if (await unlessRefused(place(client, market, side, price))) placed += 1;
		}
		// A far order is better than an empty side.
		if (near + placed >= LEAST_LEVELS) await cancel(client, market, far);
	}
}

async function cancel(
	client: RestClient,
	{ symbol }: Market,
	orders: readonly OpenOrder[],
): Promise<void> {
	for (const { orderId } of orders) {
		await unlessRefused(client.signed("DELETE", "/api/v3/order", { symbol, orderId }));
	}
}

/** False when the exchange refused: the order was filled a moment ago, or would have taken. */
async function unlessRefused(call: Promise<unknown>): Promise<boolean> {
	try {
		await call;
		return true;
	} catch (error) {
		if (error instanceof RestError) return false;
		throw error;
	}
}

async function openOrders(client: RestClient, market: Market): Promise<OpenOrder[]> {
	const rows = (await client.signed("GET", "/api/v3/openOrders", {
		symbol: market.symbol,
	})) as { orderId: number; side: "BUY" | "SELL"; price: string }[];
	return rows.map((row) => ({ orderId: row.orderId, side: row.side, price: Number(row.price) }));
}

async function place(
	client: RestClient,
	market: Market,
	side: "BUY" | "SELL",
	price: number,
): Promise<void> {
	await client.signed("POST", "/api/v3/order", {
		symbol: market.symbol,
		side,
		type: "LIMIT_MAKER",
		quantity: sizeOf(market),
		price: price.toFixed(market.priceDecimals),
	});
}

/**
 * A small order that takes, towards where the price is going; not at any price: where the ladders have
 * just been eaten, it would fall down to whoever waits far away.
 */
async function take(client: RestClient, market: Market, fair: number): Promise<void> {
	const soon = fairPrice(market.base, market.quote, Date.now() + 5_000);
	const rises = soon > fair;
	const side = rises !== Math.random() < 0.3 ? "BUY" : "SELL";
	const worst = fair * (side === "BUY" ? 1 + TAKE_WITHIN : 1 - TAKE_WITHIN);
	await client.signed("POST", "/api/v3/order", {
		symbol: market.symbol,
		side,
		type: "LIMIT",
		timeInForce: "IOC",
		price: worst.toFixed(market.priceDecimals),
		quantity: sizeOf(market),
		newOrderRespType: "ACK",
	});
}

function sizeOf(market: Market): string {
	return (market.size * (0.5 + Math.random())).toFixed(market.qtyDecimals);
}
