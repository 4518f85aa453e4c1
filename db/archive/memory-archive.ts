import type { Archive } from "../../schemas/ports/archive.ts";
import type { Scheduler } from "../../schemas/ports/scheduler.ts";

/** The archive of a simulation: it outlives its clients, and answers through their scheduler. */
export class MemoryArchive implements Archive {
	private readonly scheduler: Scheduler;
	private readonly objects = new Map<string, Uint8Array>();

	constructor(options: { readonly scheduler: Scheduler }) {
		this.scheduler = options.scheduler;
	}

	put(name: string, bytes: Uint8Array): Promise<void> {
		const kept = bytes.slice();
		return this.later(() => {
			this.objects.set(name, kept);
		});
	}

	get(name: string): Promise<Uint8Array | null> {
		return this.later(() => this.objects.get(name)?.slice() ?? null);
	}

	list(prefix: string): Promise<readonly string[]> {
		return this.later(() => [...this.objects.keys()].filter((n) => n.startsWith(prefix)).sort());
	}

	delete(name: string): Promise<void> {
		return this.later(() => {
			this.objects.delete(name);
		});
	}

	/** Everything is lost. */
	clear(): void {
		this.objects.clear();
	}

	private later<T>(act: () => T): Promise<T> {
		return new Promise((resolve) => this.scheduler.soon(() => resolve(act())));
	}
}
