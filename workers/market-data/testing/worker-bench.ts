import { MemoryArchive } from "../../../db/archive/memory-archive.ts";
import { InProcessPubSub } from "../../../db/cache/in-process-pubsub.ts";
import { MemoryLog } from "../../../db/log/memory-log.ts";
import type { EventRecord } from "../../../schemas/event.ts";
import { type MarketDataMessage, marketData } from "../../../schemas/market.ts";
import type { Logger } from "../../../schemas/ports/logger.ts";
import { untilSettled } from "../../shared/testing/until-settled.ts";
import { VirtualTime } from "../../shared/testing/virtual-time.ts";
import { MarketDataWorker, type MarketDataWorkerOptions } from "../market-data-worker.ts";
import { FakeHistory } from "./fake-history.ts";
import { RecordSource, type Step, testSymbol } from "./record-source.ts";

/** Sunday, so that a week's and a day's end are near; far from a month's. */
export const START_MS = Date.UTC(2026, 10, 22, 23, 59, 57);
export const BTC = testSymbol(1, "BTCUSDT");
export const ETH = testSymbol(2, "ETHUSDT");

/** A worker on ports in memory, under virtual time, fed by hand. */
export class WorkerBench {
	readonly time: VirtualTime = new VirtualTime(START_MS);
	readonly log: MemoryLog<EventRecord> = new MemoryLog<EventRecord>({
		topic: "trades",
		partitions: 1,
		logId: "test",
		scheduler: this.time,
	});
	readonly archive: MemoryArchive = new MemoryArchive({ scheduler: this.time });
	readonly history: FakeHistory = new FakeHistory();
	readonly source: RecordSource = new RecordSource(START_MS);
	readonly messages: MarketDataMessage[] = [];
	readonly warnings: string[] = [];
	private runs = 0;
	/** Ends hearing the present worker: a killed one's timers still run. */
	private hearing: () => void = () => {};
	worker: MarketDataWorker = this.another();

	/** A bench whose worker runs and knows BTCUSDT and ETHUSDT. */
	static async started(): Promise<WorkerBench> {
		const bench = new WorkerBench();
		await bench.append([...bench.source.addSymbol(BTC), ...bench.source.addSymbol(ETH)]);
		await bench.start();
		return bench;
	}

	/** Starts the present worker; resolves when it has caught up. */
	async start(): Promise<void> {
		const started = this.worker.start();
		await this.settleUntil(started);
	}

	/** Kills the worker without a word and starts another on the same ports. */
	async restart(): Promise<void> {
		this.log.dropFollowers();
		this.worker = this.another();
		await this.start();
	}

	async stop(): Promise<void> {
		await this.settleUntil(this.worker.stop());
	}

	async append(records: readonly EventRecord[]): Promise<void> {
		if (records.length === 0) return;
		await this.settleUntil(this.log.append(0, records));
	}

	async steps(steps: readonly Step[]): Promise<void> {
		await this.append(steps.flatMap((step) => this.source.step(step)));
	}

	/** Payloads of one stream, parsed, in order of publication. */
	payloads<T>(stream: string): T[] {
		const entries = this.messages.flatMap((message) => message.entries);
		return entries
			.filter(([name]) => name === stream)
			.map(([, text]) => JSON.parse(`${text}`) as T);
	}

	/** Runs timers, moving time as little as needed, until a promise settles. */
	settleUntil<T>(promise: Promise<T>): Promise<T> {
		return untilSettled(this.time, promise);
	}

	/** A worker on the same ports, not started. */
	another(more: Partial<MarketDataWorkerOptions> = {}): MarketDataWorker {
		const pubsub = new InProcessPubSub({ scheduler: this.time });
		this.hearing();
		this.hearing = pubsub.subscribe(marketData, (message) => {
			// As its text says it: what is put together late is not told from what was ready.
			this.messages.push(marketData.codec.decode(marketData.codec.encode(message)));
		});
		const logger: Logger = {
			info: () => {},
			warn: (message) => this.warnings.push(message),
			error: (message) => this.warnings.push(message),
		};
		return new MarketDataWorker({
			log: this.log,
			partitions: [0],
			archive: this.archive,
			history: this.history,
			pubsub,
			clock: this.time,
			scheduler: this.time,
			random: {
				bytes: (count) => {
					this.runs += 1;
					return new Uint8Array(count).fill(this.runs);
				},
			},
			logger,
			...more,
		});
	}
}
