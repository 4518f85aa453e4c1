import { join } from "node:path";
import { CProgram } from "../c-program.ts";
import { linesOf } from "../lines-of.ts";

/** What to listen to. */
export interface Listening {
	/** "127.0.0.1:41234" */
	readonly hostPort: string;
	/** "/ws/btcusdt@trade" */
	readonly path: string;
	readonly clients: number;
	/** Further ones that read nothing while it is measured, and then all there is. */
	readonly slowClients: number;
	readonly seconds: number;
}

/** What all clients together heard. */
export interface Heard {
	readonly messages: number;
	readonly bytes: number;
	/** Trades and depth updates that did not follow the one before, at any client. */
	readonly gaps: number;
	/** Connections that the server closed. */
	readonly closed: number;
	/** The same of the slow clients, who read up to their end when it has been measured. */
	readonly slowGaps: number;
	readonly slowClosed: number;
	/** From the event's time to the client. */
	readonly p50Ms: number;
	readonly p99Ms: number;
	readonly p999Ms: number;
	readonly maxMs: number;
}

/** Thousands of WebSocket clients in one process in C. */
export class Listener {
	private readonly program = new CProgram(join(import.meta.dir, "listener.c"));
	private child: Bun.Subprocess<"pipe", "pipe", "inherit"> | null = null;
	private lines: AsyncGenerator<string> | null = null;

	/** Resolves when all are connected. */
	async connect(listening: Listening): Promise<void> {
		const { hostPort, path, clients, slowClients, seconds } = listening;
		const words = [hostPort, path, String(clients), String(slowClients), String(seconds)];
		this.child = Bun.spawn([this.program.path, ...words], {
			stdin: "pipe",
			stdout: "pipe",
			stderr: "inherit",
		});
		this.lines = linesOf(this.child.stdout);
		await this.line();
	}

	/** From now on, for as long as was said. */
	async listen(): Promise<Heard> {
		this.child?.stdin.write("\n");
		this.child?.stdin.flush();
		await this.line();
		const heard = JSON.parse(await this.line()) as Heard;
		await this.child?.exited;
		return heard;
	}

	/** The processor that the clients took, in cores, over so many seconds: of their whole life. */
	cores(seconds: number): number {
		return Number(this.child?.resourceUsage()?.cpuTime.total ?? 0) / 1e6 / seconds;
	}

	dispose(): void {
		this.child?.kill();
		this.program.dispose();
	}

	private async line(): Promise<string> {
		const next = await this.lines?.next();
		if (next === undefined || next.done === true) throw new Error("the listener ended");
		return next.value;
	}
}
