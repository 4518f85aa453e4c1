import type { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { ArchiveHistory } from "../../../db/history/archive-history.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type MarketDataMessage, marketData } from "../../../schemas/market.ts";
import type { Archive } from "../../../schemas/ports/archive.ts";
import type { Log } from "../../../schemas/ports/log.ts";
import { ProcessLog, ProcessScheduler } from "../../accounts/testing/process.ts";
import { pause } from "../../protocol/patience.ts";
import type { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { MarketDataWorker } from "../market-data-worker.ts";

export interface MortalPorts {
	readonly log: Log<EventRecord>;
	readonly archive: MemoryArchive;
	readonly time: VirtualTime;
	/** How the next put ends. */
	fate(): "ok" | "not done" | "lost answer";
	/** Until the archive does what it is asked, ms. */
	delayMs(): number;
}

/** A life of a market-data process, its history in the archive. What was on its way when it died arrives. */
export class MortalMarketData {
	readonly messages: MarketDataMessage[] = [];
	readonly life = { alive: true };
	private readonly ports: MortalPorts;
	private readonly run: number;
	private made: MarketDataWorker | null = null;

	/** @param run tells this life from others, up to 255 */
	constructor(ports: MortalPorts, run: number) {
		this.ports = ports;
		this.run = run;
	}

	/** Once it has begun to start. */
	get worker(): MarketDataWorker {
		return this.made as MarketDataWorker;
	}

	/** Resolves when it has caught up. */
	async start(): Promise<void> {
		const { log, time } = this.ports;
		const archive = this.archive();
		const scheduler = new ProcessScheduler(time, this.life);
		const pubsub = new InProcessPubSub({ scheduler, throughCodec: true });
		pubsub.subscribe(marketData, (message) => this.messages.push(message));
		this.made = new MarketDataWorker({
			partitions: Array.from({ length: log.partitions }, (_, partition) => partition),
			...{ pubsub, archive, clock: time, scheduler, log: new ProcessLog(log, this.life) },
			history: await ArchiveHistory.open(archive),
			random: { bytes: (count) => new Uint8Array(count).fill(this.run) },
			logger: { info: () => {}, warn: () => {}, error: () => {} },
			snapshotEveryMs: 1_000,
		});
		await this.made.start();
	}

	private archive(): Archive {
		const { archive, fate, delayMs, time } = this.ports;
		// What was asked for before a death is done all the same.
		const unlessDead = async <T>(call: () => Promise<T>): Promise<T> => {
			if (!this.life.alive) return new Promise(() => {});
			await pause(time, delayMs());
			return call();
		};
		return {
			get: (name) => unlessDead(() => archive.get(name)),
			list: (prefix) => unlessDead(() => archive.list(prefix)),
			delete: (name) => unlessDead(() => archive.delete(name)),
			put: (name, bytes) =>
				unlessDead(async () => {
					const is = fate();
					if (is !== "not done") await archive.put(name, bytes);
					if (is !== "ok") throw new Error("the archive is away");
				}),
		};
	}
}
