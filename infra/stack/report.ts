import type { Part, PartState } from "./part.ts";

const NAME_WIDTH = 18;
const STATE_WIDTH = 10;
const PID_WIDTH = 12;
const PORT_WIDTH = 12;
const LONGEST_WHY = 300;

/** SGR colours by state: green does its work, blue waits for its turn, yellow is on its way, red does not. */
const COLOURS: Readonly<Record<PartState, number>> = {
	starting: 33,
	ready: 32,
	standby: 34,
	silent: 31,
	paused: 31,
	ended: 31,
	stopping: 33,
	stopped: 90,
};

/** Writes what happens to a stack, one line each, for a person at a terminal or for a file. */
export class Report {
	private readonly startedAtMs = performance.now();
	private readonly write: (line: string) => void;
	private readonly coloured: boolean;
	private isOpen = false;
	private isStopping = false;

	constructor(write: (line: string) => void, coloured: boolean) {
		this.write = write;
		this.coloured = coloured;
	}

	/** What is being done, with the time since the start. */
	readonly say = (what: string): void => {
		const seconds = ((performance.now() - this.startedAtMs) / 1_000).toFixed(2).padStart(6);
		this.write(`castle ${seconds} s  ${what}`);
	};

	/** Clients can trade. Until then, whoever stands by has only not had its turn yet. */
	ready(url: string): void {
		this.isOpen = true;
		this.say(`ready  ${url}`);
	}

	/** From now on it is no news that something ends. */
	stopping(): void {
		this.isStopping = true;
		this.say("stopping: no new orders, answering those under way");
	}

	/** A server or process is in another state than before. */
	readonly told = (part: Part, why: string): void => {
		const { state } = part;
		if (state === "starting" || state === "stopping") return;
		if (state === "standby" && !this.isOpen) return;
		if (this.isStopping && state !== "stopped") return;
		this.say(this.lineOf(part, why));
	};

	private lineOf(part: Part, why: string): string {
		const { name, state, pid, port } = part;
		const more =
			why === "" && part.isUp() ? `after ${seconds(part.readyAfterMs)}` : why.slice(0, LONGEST_WHY);
		return [
			name.padEnd(NAME_WIDTH),
			this.colour(state),
			(pid === 0 ? "" : `pid ${pid}`).padEnd(PID_WIDTH),
			(part.isUp() ? `port ${port}` : "").padEnd(PORT_WIDTH),
			more,
		]
			.join("")
			.trimEnd();
	}

	private colour(state: PartState): string {
		const text = state.padEnd(STATE_WIDTH);
		return this.coloured ? `\x1b[${COLOURS[state]}m${text}\x1b[0m` : text;
	}
}

function seconds(ms: number): string {
	return `${(ms / 1_000).toFixed(2)} s`;
}
