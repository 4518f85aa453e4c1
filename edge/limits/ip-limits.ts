import type { Clock } from "../../schemas/ports/clock.ts";
import { ApiError } from "../api-error.ts";
import type { EdgeSettings } from "../settings.ts";
import { limitKey } from "./address.ts";

const MINUTE_MS = 60_000;
const FIVE_MINUTES_MS = 300_000;
/** Each ban is this many times as long as the one before. */
const BAN_GROWTH = 4;
/** -1003 */
const TOO_MUCH = -1003;

/** What one address has used in the windows that are running. */
interface Usage {
	minute: number;
	/** When this minute was first met, and these five, by the monotonic clock. */
	minuteMetMs: number;
	fiveMinutesMetMs: number;
	weight: number;
	/** Of `weight`, what the other edges have been told. */
	told: number;
	/** Weight that the other edges have told, in the same minute. */
	elsewhere: number;
	fiveMinutes: number;
	requests: number;
	connections: number;
	/** Requests that were refused with 429. */
	refusals: number;
	/** How often it was banned, until when by the monotonic clock; forgotten `longestBanMs` after the last ban. */
	bans: number;
	bannedUntilMs: number;
}

/** Weight that one address has used here. */
export interface UntoldWeight {
	/** As `limitKey` names it. */
	readonly address: string;
	/** Minutes since 1970. */
	readonly minute: number;
	readonly weight: number;
}

/**
 * Binance's limits per address: REQUEST_WEIGHT, RAW_REQUESTS and CONNECTIONS in fixed windows aligned
 * to UTC; whoever goes on after being refused is banned, each time for longer.
 */
export class IpLimits {
	/** How many requests were refused, for the metrics. */
	refused = 0;
	banned = 0;

	private readonly settings: EdgeSettings;
	private readonly clock: Clock;
	private readonly usages = new Map<string, Usage>();
	private sweptWindow = 0;

	constructor(settings: EdgeSettings, clock: Clock) {
		this.settings = settings;
		this.clock = clock;
	}

	/**
	 * Counts a request, before anything is done for it.
	 *
	 * @throws ApiError 418 while banned, 429 when the weight or the requests are used up
	 */
	admit(ip: string): void {
		const nowMs = this.clock.nowMs();
		const usage = this.usage(ip, nowMs);
		this.checkBan(usage, nowMs);
		usage.requests++;
		if (usage.requests > this.settings.rawRequestsPer5Minutes) {
			throw this.refuse(usage, nowMs, FIVE_MINUTES_MS, this.tooManyRequests());
		}
		if (usedBy(usage) >= this.settings.requestWeightPerMinute) {
			throw this.refuse(usage, nowMs, MINUTE_MS, this.tooMuchWeight());
		}
	}

	/**
	 * Takes the weight of a call.
	 *
	 * @throws ApiError 429 when it is more than what is left; then nothing is taken
	 */
	charge(ip: string, weight: number): void {
		const nowMs = this.clock.nowMs();
		const usage = this.usage(ip, nowMs);
		if (usedBy(usage) + weight > this.settings.requestWeightPerMinute) {
			throw this.refuse(usage, nowMs, MINUTE_MS, this.tooMuchWeight());
		}
		usage.weight += weight;
	}

	/** Takes the weight of a call that failed: it is told its own error, not this one. */
	chargeFailed(ip: string, weight: number): void {
		this.usage(ip, this.clock.nowMs()).weight += weight;
	}

	/** @throws ApiError 418 or 429 for a connection too many; it costs its weight, too */
	admitConnection(ip: string, weight: number): void {
		const nowMs = this.clock.nowMs();
		const usage = this.usage(ip, nowMs);
		this.checkBan(usage, nowMs);
		usage.connections++;
		if (usage.connections > this.settings.connectionsPer5Minutes) {
			throw this.refuse(usage, nowMs, FIVE_MINUTES_MS, this.tooManyConnections());
		}
		this.charge(ip, weight);
	}

	/** Weight used in the running minute: X-MBX-USED-WEIGHT-1M. */
	usedWeight(ip: string): number {
		return usedBy(this.usage(ip, this.clock.nowMs()));
	}

	/** Weight of the running minute that the other edges have not been told, the most first. */
	untold(most: number): UntoldWeight[] {
		const minute = Math.floor(this.clock.nowMs() / MINUTE_MS);
		const untold: UntoldWeight[] = [];
		for (const [address, usage] of this.usages) {
			if (usage.minute !== minute || usage.weight <= usage.told) continue;
			untold.push({ address, minute, weight: usage.weight - usage.told });
		}
		return untold.sort((a, b) => b.weight - a.weight).slice(0, most);
	}

	/** The other edges were told of it; `sum` is what all have told for that minute. */
	told({ address, minute, weight }: UntoldWeight, sum: number): void {
		const usage = this.usages.get(address);
		if (usage?.minute !== minute) return;
		usage.told += weight;
		usage.elsewhere = Math.max(0, sum - usage.told);
	}

	/** Addresses that are remembered. */
	get addresses(): number {
		return this.usages.size;
	}

	private usage(ip: string, nowMs: number): Usage {
		const minute = Math.floor(nowMs / MINUTE_MS);
		const fiveMinutes = Math.floor(nowMs / FIVE_MINUTES_MS);
		if (fiveMinutes !== this.sweptWindow) this.sweep(fiveMinutes);
		const name = limitKey(ip);
		let usage = this.usages.get(name);
		if (usage === undefined) {
			usage = newUsage(minute, fiveMinutes, this.clock.monotonicMs());
			this.usages.set(name, usage);
		}
		if (this.isOver(MINUTE_MS, usage.minute, minute, usage.minuteMetMs)) {
			usage.minute = minute;
			usage.minuteMetMs = this.clock.monotonicMs();
			usage.weight = 0;
			usage.told = 0;
			usage.elsewhere = 0;
		}
		if (this.isOver(FIVE_MINUTES_MS, usage.fiveMinutes, fiveMinutes, usage.fiveMinutesMetMs)) {
			usage.fiveMinutes = fiveMinutes;
			usage.fiveMinutesMetMs = this.clock.monotonicMs();
			usage.requests = 0;
			usage.connections = 0;
			usage.refusals = 0;
		}
		return usage;
	}

	/**
	 * Whether a window has ended. A clock that steps back gives no second helping, and one that was far
	 * ahead for a moment does not make a window last until that time comes again.
	 */
	private isOver(windowMs: number, counted: number, now: number, metMs: number): boolean {
		return now > counted || (now < counted && this.clock.monotonicMs() - metMs >= windowMs);
	}

	/** Forgets who was not here in the last window and has no ban to remember. */
	private sweep(fiveMinutes: number): void {
		this.sweptWindow = fiveMinutes;
		const nowMs = this.clock.monotonicMs();
		for (const [name, usage] of this.usages) {
			const forgiven =
				usage.bans === 0 || nowMs >= usage.bannedUntilMs + this.settings.longestBanMs;
			if (nowMs - usage.fiveMinutesMetMs >= 2 * FIVE_MINUTES_MS && forgiven) {
				this.usages.delete(name);
			} else if (forgiven) {
				usage.bans = 0;
			}
		}
	}

	private checkBan(usage: Usage, nowMs: number): void {
		if (usage.bans === 0) return;
		const leftMs = Math.ceil(usage.bannedUntilMs - this.clock.monotonicMs());
		if (leftMs > 0) throw this.banError(nowMs, leftMs);
	}

	private refuse(usage: Usage, nowMs: number, windowMs: number, text: string): ApiError {
		this.refused++;
		usage.refusals++;
		if (usage.refusals > this.settings.refusalsBeforeBan) return this.ban(usage, nowMs);
		return new ApiError(TOO_MUCH, text, 429, undefined, windowMs - (nowMs % windowMs));
	}

	private ban(usage: Usage, nowMs: number): ApiError {
		const lengthMs = Math.min(
			this.settings.firstBanMs * BAN_GROWTH ** usage.bans,
			this.settings.longestBanMs,
		);
		this.banned++;
		usage.bans++;
		usage.refusals = 0;
		usage.bannedUntilMs = this.clock.monotonicMs() + lengthMs;
		return this.banError(nowMs, lengthMs);
	}

	private banError(nowMs: number, leftMs: number): ApiError {
		return new ApiError(
			TOO_MUCH,
			`Way too much request weight used; IP banned until ${nowMs + leftMs}. Please use WebSocket Streams for live updates to avoid bans.`,
			418,
			undefined,
			leftMs,
		);
	}

	private tooMuchWeight(): string {
		return `Too much request weight used; current limit is ${this.settings.requestWeightPerMinute} request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
	}

	private tooManyRequests(): string {
		return `Too many requests; current limit is ${this.settings.rawRequestsPer5Minutes} requests per 5 MINUTE. Please use WebSocket Streams for live updates to avoid polling the API.`;
	}

	private tooManyConnections(): string {
		return `Too many connections; current limit is ${this.settings.connectionsPer5Minutes} connections per 5 MINUTE.`;
	}
}

function usedBy({ weight, elsewhere }: Usage): number {
	return weight + elsewhere;
}

function newUsage(minute: number, fiveMinutes: number, metMs: number): Usage {
	return {
		minute,
		minuteMetMs: metMs,
		fiveMinutesMetMs: metMs,
		weight: 0,
		told: 0,
		elsewhere: 0,
		fiveMinutes,
		requests: 0,
		connections: 0,
		refusals: 0,
		bans: 0,
		bannedUntilMs: 0,
	};
}
