import type { EventRecord } from "../../schemas/event.ts";
import type { Archive } from "../../schemas/ports/archive.ts";
import type { History } from "../../schemas/ports/history.ts";
import type { Log } from "../../schemas/ports/log.ts";
import type { Logger } from "../../schemas/ports/logger.ts";
import { wholeObject } from "../shared/whole-object.ts";
import {
	decodeHead,
	decodeSnapshot,
	headOf,
	type Snapshot,
	type SnapshotHead,
} from "./snapshot-codec.ts";

/** A damaged newest one must not mean a replay of everything. */
const KEPT = 2;

/** The ports that snapshots need. */
export interface SnapshotPorts {
	readonly archive: Archive;
	readonly history: History;
	readonly logger: Logger;
}

/** A partition's snapshots in the archive, newest last: `market-data/<partition>/<evSeq>`. */
export class Snapshots {
	private readonly partition: number;
	private readonly ports: SnapshotPorts;

	constructor(partition: number, ports: SnapshotPorts) {
		this.partition = partition;
		this.ports = ports;
	}

	/** Stores one, then drops all but the two newest. */
	async save(evSeq: number, bytes: Uint8Array): Promise<void> {
		const { archive } = this.ports;
		await archive.put(this.prefix() + evSeq.toString().padStart(16, "0"), bytes);
		const names = await archive.list(this.prefix());
		for (const name of names.slice(0, Math.max(0, names.length - KEPT))) await archive.delete(name);
	}

	/**
	 * The newest that is whole, of this log, at a record the log still has, and not ahead of History;
	 * null when there is none: then everything is replayed.
	 */
	async newestGood(log: Log<EventRecord>): Promise<Snapshot | null> {
		const names = await this.ports.archive.list(this.prefix());
		for (const name of [...names].reverse()) {
			const snapshot = await this.read(name);
			const fault = snapshot === null ? "damaged" : await this.faultOf(log, headOf(snapshot));
			if (snapshot !== null && fault === null) return snapshot;
			this.ports.logger.warn("market data snapshot not used", { name, fault });
		}
		return null;
	}

	/**
	 * From where in `trades` each that is good by the same rule goes on; the oldest first. Retention leaves
	 * the log from before there.
	 */
	async offsets(log: Log<EventRecord>): Promise<readonly number[]> {
		const offsets: number[] = [];
		for (const name of await this.ports.archive.list(this.prefix())) {
			const bytes = await this.whole(name);
			const head = bytes === null ? null : decodeHead(bytes);
			if (head === null || (await this.faultOf(log, head)) !== null) continue;
			offsets.push(head.nextOffset);
		}
		return offsets;
	}

	/** Those that are whole, of whatever log, the newest first: for a log that goes on from one that was lost. */
	async ofAnyLog(): Promise<readonly Snapshot[]> {
		const names = await this.ports.archive.list(this.prefix());
		const snapshots = await Promise.all(names.map((name) => this.read(name)));
		return snapshots.filter((snapshot) => snapshot !== null).reverse();
	}

	/** null when it is damaged. */
	private async read(name: string): Promise<Snapshot | null> {
		const bytes = await this.whole(name);
		return bytes === null ? null : decodeSnapshot(bytes);
	}

	/** null when it cannot be read whole. */
	private whole(name: string): Promise<Uint8Array | null> {
		return wholeObject(this.ports.archive, name);
	}

	private async faultOf(log: Log<EventRecord>, head: SnapshotHead): Promise<string | null> {
		const { logId, nextOffset, partition, evSeq, hash } = head;
		const { history } = this.ports;
		if (partition !== this.partition) return "of another partition";
		if (logId !== log.logId) return "of another log";
		// The beginning of a log that goes on from another: there is nothing before it.
		if (nextOffset === 0) return null;
		const [entry] = await log.read(this.partition, nextOffset - 1, 1);
		if (entry === undefined) return "the log ends before it";
		const { record } = entry;
		if (record.evSeq > evSeq || (record.evSeq === evSeq && record.hash !== hash)) {
			return "the log says otherwise";
		}
		if ((await history.position(this.partition)) < evSeq) return "history is behind it";
		return null;
	}

	private prefix(): string {
		return `market-data/${this.partition}/`;
	}
}
