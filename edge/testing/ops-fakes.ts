import { safeParse } from "valibot";
import type { AveragePriceView, BookTickerView, TickerView } from "../../schemas/market.ts";
import type {
	AccountService,
	Caller,
	OrderCount,
	Outcome,
	Refusal,
} from "../../schemas/ports/account-service.ts";
import type { MarketData } from "../../schemas/ports/market-data.ts";
import type { OrderLog } from "../../schemas/ports/order-log.ts";
import { testVenue } from "../../schemas/testing/symbols.ts";
import { parameterError } from "../http/errors.ts";
import type { Operation } from "../operation.ts";
import type { EdgeServices } from "../services.ts";
import { DEFAULT_EDGE_SETTINGS } from "../settings.ts";

/** The moment at which time stands still in these tests. */
export const NOW_MS = 1_795_392_000_000;

export const CALLER: Caller = {
	userId: 7,
	keyId: 3,
	keyGeneration: 1,
	signatureDigest: "d",
	timestampMs: NOW_MS,
	recvWindowMs: 5_000,
};

export function ok<T>(value: T): Promise<Outcome<T>> {
	return Promise.resolve({ ok: true, value });
}

export function refused(refusal: Refusal): Promise<{ ok: false; refusal: Refusal }> {
	return Promise.resolve({ ok: false, refusal });
}

export const AVERAGE: AveragePriceView = {
	mins: 5,
	volumeLots: 300_000n,
	quoteTickLots: 300_000n * 6_000_000n,
	lastTicks: 6_010_000,
	closeTimeMs: NOW_MS - 5,
};

export const TICKER: TickerView = {
	symbolId: 1,
	openTicks: 6_000_000,
	highTicks: 6_100_000,
	lowTicks: 5_900_000,
	lastTicks: 5_970_000,
	lastQtyLots: 1_000,
	prevCloseTicks: 6_000_100,
	volumeLots: 200_000n,
	quoteTickLots: 200_000n * 6_000_050n,
	openTimeMs: NOW_MS - 86_400_000,
	closeTimeMs: NOW_MS,
	firstTradeId: 5,
	lastTradeId: 14,
	trades: 10,
};

export const BOOK: BookTickerView = {
	symbolId: 1,
	updateId: 99,
	bidTicks: 5_969_900,
	bidLots: 150_000,
	askTicks: 5_970_100,
	askLots: 20,
};

/** Whatever a test does not give is missing: calling it fails the test. */
function partial<T>(given: Partial<T>): T {
	return given as T;
}

export interface Given {
	readonly account?: Partial<AccountService>;
	readonly marketData?: Partial<MarketData>;
	readonly orderLog?: Partial<OrderLog>;
	readonly services?: Partial<EdgeServices>;
}

/** The edge's services around what a test gives; time stands, timers run at once and move it. */
export function fakeServices(given: Given = {}): EdgeServices {
	let elapsedMs = 0;
	return partial<EdgeServices>({
		settings: DEFAULT_EDGE_SETTINGS,
		accounts: () => partial<AccountService>(given.account ?? {}),
		marketData: partial<MarketData>({
			venue: testVenue(),
			averagePrice: async () => AVERAGE,
			ticker: async () => TICKER,
			bookTicker: async () => BOOK,
			...given.marketData,
		}),
		orderLog: partial<OrderLog>(given.orderLog ?? {}),
		clock: { nowMs: () => NOW_MS, monotonicMs: () => elapsedMs },
		scheduler: {
			after(delayMs, run) {
				elapsedMs += delayMs;
				run();
				return () => {};
			},
			every: () => () => {},
			soon: (run) => run(),
		},
		random: { bytes: (count) => new Uint8Array(count).fill(1) },
		logger: { info() {}, warn() {}, error() {} },
		ready: () => true,
		...given.services,
	});
}

export interface CallResult {
	readonly body: unknown;
	readonly orderCounts: readonly OrderCount[] | null;
	/** What was reported as the account worker's answer. */
	readonly outcome: Outcome<unknown> | null;
}

/** Runs an operation as the frame does: its schema, then `run`. */
export async function call(
	services: EdgeServices,
	operation: Operation,
	params: Readonly<Record<string, unknown>>,
): Promise<CallResult> {
	const parsed = safeParse(operation.params, params);
	if (!parsed.success) throw parameterError(parsed.issues[0]);
	let orderCounts: readonly OrderCount[] | null = null;
	let outcome: Outcome<unknown> | null = null;
	const body = await operation.run(
		{
			services,
			caller: CALLER,
			apiKey: "k",
			ip: "127.0.0.1",
			reportOrderCounts(counts) {
				orderCounts = counts;
			},
			reportOutcome(answered) {
				outcome = answered;
			},
		},
		parsed.output,
	);
	return { body, orderCounts, outcome };
}

/** The error a call ends with, as the client sees it. */
export async function errorOf(
	attempt: Promise<unknown>,
): Promise<{ code: number; msg: string; status: number; data?: unknown }> {
	try {
		await attempt;
	} catch (error) {
		const { code, message, status, data } = error as {
			code: number;
			message: string;
			status: number;
			data?: unknown;
		};
		return data === undefined
			? { code, msg: message, status }
			: { code, msg: message, status, data };
	}
	throw new Error("the call succeeded");
}
