import { CloseCode, type LinkSocket } from "../../schemas/link/link-end.ts";
import { marketDataMethods } from "../../schemas/link/market-data-methods.ts";
import type { Hello, Venue } from "../../schemas/link/messages.ts";
import type { AveragePriceView } from "../../schemas/market.ts";
import { PartitionsVenue, type PartitionVenue } from "../../schemas/partitions-venue.ts";
import type { AccountService, Outcome } from "../../schemas/ports/account-service.ts";
import type { Clock } from "../../schemas/ports/clock.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import type { MarketCache } from "../../schemas/ports/market-cache.ts";
import type { MarketData } from "../../schemas/ports/market-data.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";
import { shardOfUser } from "../../schemas/ports/users.ts";
import { VenueConfig } from "../../schemas/venue-config.ts";
import { CachedReads, type Needs } from "./cached-reads.ts";
import { LinkFigures, type Service } from "./link-figures.ts";
import { type AnyQuestion, linkedAccounts } from "./linked-accounts.ts";
import { linkedMarketData, type MarketDataQuestion } from "./linked-market-data.ts";
import { RecentAverages } from "./recent-averages.ts";
import { type Answered, NoAnswer, WorkerLink } from "./worker-link.ts";

export interface GatewayOptions {
	/** The venue's numbers, fixed at its beginning. */
	readonly accountShards: number;
	readonly partitions: number;
	readonly clock: Clock;
	readonly scheduler: Scheduler;
	readonly logger: Logger;
	/** Where books and recent trades are read first. */
	readonly cache?: MarketCache;
	/** Questions that may wait on one link, in each lane; beyond it, 429. */
	readonly maxWaiting?: number;
}

/** Feed it what comes over the socket. */
export interface GatewayLink {
	receive(frame: string): void;
	closed(): void;
}

const MAX_WAITING = 20_000;
/** How long it is waited for workers that are behind, and how often they are asked. */
const CATCH_UP_MS = 2_000;
const ASK_AGAIN_MS = 10;
/** The same of the shard that reads wait for, which clients wait for. */
const ASK_SHARD_AGAIN_MS = 2;

/** Reads that are as new as what was answered before. */
const AS_NEW: ReadonlySet<string> = new Set<keyof AccountService>([
	...(["account", "openOrders", "findOrder", "recentOrders"] as const),
]);

/** One link, and what its worker last said that it serves. */
interface Linked {
	readonly link: WorkerLink;
	hello: Hello | null;
}

/** Who is asked of a shard. */
interface Owner {
	readonly linked: Linked;
	readonly epoch: number;
}

/**
 * Where workers dial in: knows who serves which shard and partition, and gives account workers and
 * market data as if they were in this process.
 */
export class Gateway {
	readonly marketData: MarketData;
	private readonly options: GatewayOptions;
	private readonly links = new Set<Linked>();
	private readonly shards: readonly AccountService[];
	private readonly owners = new Map<number, Owner>();
	/** The highest epoch of each shard that was ever heard: a lower one is never asked. */
	private readonly epochs = new Map<number, number>();
	private readonly marketDataOf = new Map<number, WorkerLink>();
	private readonly venues = new Map<number, PartitionVenue & { readonly evSeq: number }>();
	private venueList: readonly PartitionVenue[] = [];
	/** Of a shard that reads wait for, the question how far it is: one for all of them. */
	private readonly askedHowFar = new Map<number, Promise<boolean>>();
	/** How far account workers have settled each partition: what is read must not be older. */
	private readonly settledUpTo: number[] = [];
	private readonly averages: RecentAverages;
	private readonly cached: CachedReads | null;
	private readonly figures = new LinkFigures();

	constructor(options: GatewayOptions) {
		this.options = options;
		this.averages = new RecentAverages(options, (symbolId) => this.askAverage(symbolId));
		this.shards = Array.from({ length: options.accountShards }, (_, i) => this.accountsOf(i + 1));
		const asked = linkedMarketData(
			new PartitionsVenue(() => this.venueList),
			(symbolId) => this.averages.of(symbolId),
			(symbolId, question) => this.askAbout(symbolId, question),
		);
		const { cache, clock } = options;
		const needsOf = (symbolId: number) => this.needsOf(symbolId);
		this.cached = cache === undefined ? null : new CachedReads(asked, { cache, clock, needsOf });
		this.marketData = this.cached?.marketData ?? asked;
	}

	/** A worker has dialed, and has shown the token. */
	open(socket: LinkSocket): GatewayLink {
		const { clock, scheduler, maxWaiting = MAX_WAITING } = this.options;
		const link = new WorkerLink({
			...{ socket, clock, scheduler, maxWaiting },
			onHello: (hello) => this.greet(linked, hello),
			onSettled: ({ partition, evSeq }) => this.settled(partition, evSeq),
			onVenue: (venue) => this.configured(venue),
			onClosed: (reason) => this.closed(linked, reason),
		});
		const linked: Linked = { link, hello: null };
		this.links.add(linked);
		return {
			receive: (frame) => link.end.receive(frame),
			closed: () => link.end.socketClosed(),
		};
	}

	/** The account worker of this user's shard. */
	accounts(userId: number): AccountService {
		return this.shards[shardOfUser(userId, this.shards.length) - 1]!;
	}

	/** The account workers of all shards, from shard 1. */
	get shardServices(): readonly AccountService[] {
		return this.shards;
	}

	/** True when somebody serves every shard and every partition. */
	ready(): boolean {
		const { accountShards, partitions } = this.options;
		for (let shard = 1; shard <= accountShards; shard++) {
			if (!this.owners.has(shard)) return false;
		}
		for (let partition = 0; partition < partitions; partition++) {
			if (!this.marketDataOf.has(partition) || !this.venues.has(partition)) return false;
		}
		return true;
	}

	/**
	 * Resolves when every account worker has settled each partition that far, and market data has told what
	 * changed there; or after a while, when one of them does not come.
	 */
	async caughtUp(evSeqs: readonly number[]): Promise<void> {
		const { clock } = this.options;
		const untilMs = clock.monotonicMs() + CATCH_UP_MS;
		while (!this.haveSettled(evSeqs) && clock.monotonicMs() < untilMs) {
			await Promise.allSettled(this.shards.map((_, i) => this.sayHowFar(i + 1)));
			await this.pause(ASK_AGAIN_MS);
		}
		// The same of market data: its answer is as new as that, and what changed goes ahead of it.
		const symbols = evSeqs.map((_, partition) =>
			this.marketData.venue.symbols().find((symbol) => symbol.partition === partition),
		);
		await Promise.allSettled(symbols.map((symbol) => symbol && this.askAverage(symbol.symbolId)));
	}

	/** Prometheus lines. */
	metrics(): string {
		const open = [...this.links].map(({ link, hello }) => ({ link, service: serviceOf(hello) }));
		return this.figures.metrics(open) + (this.cached?.metrics() ?? "");
	}

	/** Every question that waits is "unknown". */
	close(): void {
		for (const { link } of [...this.links]) link.end.close(CloseCode.Done, "the gateway stops");
	}

	private accountsOf(shard: number): AccountService {
		const service = linkedAccounts(shard, (question) =>
			AS_NEW.has(question.name) ? this.askAsNew(shard, question) : this.askShard(shard, question),
		);
		return {
			...service,
			placeOrder: async (caller, request) => {
				const outcome = await service.placeOrder(caller, request);
				if (outcome.ok) this.averages.traded(outcome.value.fills);
				return outcome;
			},
			cancelReplace: async (caller, request) => {
				const outcome = await service.cancelReplace(caller, request);
				const place = outcome.ok ? outcome.value.place : null;
				if (place?.result === "success") this.averages.traded(place.answer.fills);
				return outcome;
			},
		};
	}

	private askShard(shard: number, question: AnyQuestion): Promise<Answered<unknown>> {
		const owner = this.owners.get(shard);
		if (owner === undefined) return Promise.reject(new NoAnswer(`nobody serves shard ${shard}`));
		return owner.linked.link.ask(question);
	}

	/**
	 * Asks again until the shard's worker, when it answered, had settled what was answered here before, of other
	 * shards too: whoever was told of a trade finds its other side told as well. After a while, what there is; a
	 * refusal at once.
	 */
	private async askAsNew(shard: number, question: AnyQuestion): Promise<Answered<unknown>> {
		const { clock } = this.options;
		const told = [...this.settledUpTo];
		const untilMs = clock.monotonicMs() + CATCH_UP_MS;
		for (;;) {
			const answered = await this.askShard(shard, question);
			const { ok } = answered.value as Outcome<unknown>;
			const isNew = hasSettled(answered.settled, told);
			if (!ok || isNew || clock.monotonicMs() >= untilMs) return answered;
			await this.comesSoFar(shard, told, untilMs);
		}
	}

	/** Resolves when the shard's worker has settled that much, does not say, or has been given its time. */
	private async comesSoFar(
		shard: number,
		evSeqs: readonly number[],
		untilMs: number,
	): Promise<void> {
		const { clock } = this.options;
		while (await this.askHowFar(shard)) {
			const settled = this.owners.get(shard)?.linked.link.settledOf(shard) ?? [];
			if (hasSettled(settled, evSeqs) || clock.monotonicMs() >= untilMs) return;
		}
	}

	/** A lagging shard has enough to do: not every read that waits for it asks. False where it does not say. */
	private askHowFar(shard: number): Promise<boolean> {
		const before = this.askedHowFar.get(shard);
		if (before !== undefined) return before;
		const asked = this.pause(ASK_SHARD_AGAIN_MS)
			.then(() => this.sayHowFar(shard))
			.then(
				({ ok }) => ok,
				() => false,
			)
			.finally(() => this.askedHowFar.delete(shard));
		this.askedHowFar.set(shard, asked);
		return asked;
	}

	/** Whatever is asked: ahead of its answer a worker says how far it has settled. */
	private sayHowFar(shard: number): Promise<Outcome<unknown>> {
		const userId = this.shards.length + shard - 1;
		return this.accounts(userId).orderCounts(userId);
	}

	private pause(ms: number): Promise<void> {
		return new Promise((resolve) => this.options.scheduler.after(ms, resolve));
	}

	private haveSettled(evSeqs: readonly number[]): boolean {
		// One that stands by serves no shard, and has settled nothing.
		return [...this.links].every(
			({ link, hello }) =>
				hello?.service !== "accounts" ||
				hello.shards.every(({ shard }) => hasSettled(link.settledOf(shard), evSeqs)),
		);
	}

	private askAverage(symbolId: number): Promise<Answered<AveragePriceView>> {
		const method = marketDataMethods.averagePrice;
		return this.askAbout(symbolId, { name: "averagePrice", method, args: [symbolId] });
	}

	private askAbout<A extends readonly unknown[], V>(
		symbolId: number,
		question: MarketDataQuestion<A, V>,
	): Promise<Answered<V>> {
		const needs = this.needsOf(symbolId);
		const link = needs === null ? undefined : this.marketDataOf.get(needs.partition);
		if (needs === null || link === undefined) {
			return Promise.reject(new NoAnswer(`nobody has the market data of symbol ${symbolId}`));
		}
		const { partition: target, atLeast } = needs;
		return link.ask({ ...question, target, atLeast, lane: "other" });
	}

	/** Where a symbol is asked about, and what account workers have answered of it. */
	private needsOf(symbolId: number): Needs | null {
		const partition = this.marketData.venue.symbolById(symbolId)?.partition;
		if (partition === undefined) return null;
		return { partition, atLeast: this.settledUpTo[partition] ?? 0 };
	}

	private greet(linked: Linked, hello: Hello): void {
		const known = linked.hello;
		if (known !== null && known.service !== hello.service) {
			throw new RangeError("one link serves one service");
		}
		this.forget(linked);
		linked.hello = hello;
		if (hello.service === "accounts") {
			for (const { shard, epoch } of hello.shards) this.ownedBy(linked, shard, epoch);
		} else {
			for (const partition of hello.partitions) {
				this.checkPartition(partition);
				this.marketDataOf.set(partition, linked.link);
			}
		}
		this.options.logger.info("a worker has dialed", { serves: servesOf(hello) });
	}

	private ownedBy(linked: Linked, shard: number, epoch: number): void {
		if (shard < 1 || shard > this.options.accountShards) {
			throw new RangeError(`the venue has no shard ${shard}`);
		}
		if (epoch < (this.epochs.get(shard) ?? 0)) return;
		this.epochs.set(shard, epoch);
		this.owners.set(shard, { linked, epoch });
	}

	private settled(partition: number, evSeq: number): void {
		this.checkPartition(partition);
		if (evSeq > (this.settledUpTo[partition] ?? 0)) this.settledUpTo[partition] = evSeq;
	}

	/** The latest word counts, whoever says it. */
	private configured({ partition, evSeq, state }: Venue): void {
		this.checkPartition(partition);
		if (evSeq < (this.venues.get(partition)?.evSeq ?? 0)) return;
		this.venues.set(partition, { partition, evSeq, venue: new VenueConfig(state) });
		this.venueList = [...this.venues.values()];
	}

	private checkPartition(partition: number): void {
		if (partition < 0 || partition >= this.options.partitions) {
			throw new RangeError(`the venue has no partition ${partition}`);
		}
	}

	/** The link serves nothing any more, as far as it is the one that is asked. */
	private forget(linked: Linked): void {
		for (const [shard, owner] of this.owners)
			if (owner.linked === linked) this.owners.delete(shard);
		for (const [partition, asked] of this.marketDataOf) {
			if (asked !== linked.link) continue;
			const other = this.alsoServing(partition, linked);
			if (other === undefined) this.marketDataOf.delete(partition);
			else this.marketDataOf.set(partition, other.link);
		}
	}

	/** Who said last that it has a partition's market data too: it was succeeded by one that has come back to leave. */
	private alsoServing(partition: number, linked: Linked): Linked | undefined {
		return [...this.links].findLast(
			(one) =>
				one !== linked &&
				one.hello?.service === "market-data" &&
				one.hello.partitions.includes(partition),
		);
	}

	private closed(linked: Linked, reason: string): void {
		this.links.delete(linked);
		this.forget(linked);
		const { hello } = linked;
		this.figures.closed(serviceOf(hello), linked.link.end.traffic);
		this.options.logger.warn("a link has closed", {
			served: hello === null ? "" : servesOf(hello),
			reason,
		});
	}
}

function serviceOf(hello: Hello | null): Service {
	return hello?.service ?? "none";
}

/** For the log. */
function servesOf(hello: Hello): string {
	if (hello.service === "market-data") return `market data of ${hello.partitions.join(",")}`;
	return `shards ${hello.shards.map(({ shard, epoch }) => `${shard} (epoch ${epoch})`).join(", ")}`;
}

function hasSettled(settled: readonly number[], evSeqs: readonly number[]): boolean {
	return evSeqs.every((evSeq, partition) => (settled[partition] ?? 0) >= evSeq);
}
