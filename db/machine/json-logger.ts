import type { LogFields, Logger } from "../../schemas/ports/logger.ts";

export type LogLevel = "info" | "warn" | "error" | "off";

const RANK: Record<LogLevel, number> = { info: 0, warn: 1, error: 2, off: 3 };

/** Lines are gathered for this long, so that a busy second costs one write, not thousands. */
const FLUSH_MS = 50;

/** What a line says itself; no field takes its place. */
const OWN = ["time", "level", "message", "process"];

interface Line {
	readonly atMs: number;
	readonly level: LogLevel;
	readonly message: string;
	readonly fields: LogFields;
}

/**
 * One JSON object per line, in whole chunks of text. Lines are written as text when they go out, all of
 * them in one pass: whoever has something to say is not kept by it.
 */
export class JsonLogger implements Logger {
	private readonly least: number;
	private readonly write: (text: string) => void;
	private readonly finish: () => void;
	/** What each line says of its writer. */
	private readonly writer: string;
	private lines: Line[] = [];
	private timer: ReturnType<typeof setTimeout> | null = null;
	/** The last moment written, ms, and its text: a busy venue writes many lines in each. */
	private atMs = 0;
	private atText = "";

	/**
	 * @param write takes a chunk, now or later
	 * @param finish does at once what `write` has left for later
	 * @param process the process' name, on each line; null where there is only one
	 */
	constructor(
		level: LogLevel,
		write: (text: string) => void,
		finish: () => void = () => {},
		process: string | null = null,
	) {
		this.writer = process === null ? "" : `,"process":${JSON.stringify(process)}`;
		this.least = RANK[level];
		this.write = write;
		this.finish = finish;
	}

	info(message: string, fields?: LogFields): void {
		this.line("info", message, fields);
	}

	warn(message: string, fields?: LogFields): void {
		this.line("warn", message, fields);
	}

	error(message: string, fields?: LogFields): void {
		this.line("error", message, fields);
	}

	/** Everything that was said is written when this returns; call it before the process ends. */
	flush(): void {
		this.writeLines();
		this.finish();
	}

	private writeLines(): void {
		if (this.timer !== null) clearTimeout(this.timer);
		this.timer = null;
		if (this.lines.length === 0) return;
		let text = "";
		for (const line of this.lines) text += this.textOf(line);
		this.lines = [];
		this.write(text);
	}

	private line(level: LogLevel, message: string, fields: LogFields = {}): void {
		if (RANK[level] < this.least) return;
		this.lines.push({ atMs: Date.now(), level, message, fields });
		this.timer ??= setTimeout(() => this.writeLines(), FLUSH_MS);
	}

	/** Put together from texts, for that is cheaper than an object of all of it. */
	private textOf({ atMs, level, message, fields }: Line): string {
		// A field by the name of what is the line's own does not override it.
		const clash = OWN.some((name) => name in fields);
		const rest = JSON.stringify(clash ? withoutOwn(fields) : fields);
		const said = JSON.stringify(message);
		const head = `{"time":"${this.timeText(atMs)}","level":"${level}","message":${said}${this.writer}`;
		return rest === "{}" ? `${head}}\n` : `${head},${rest.slice(1)}\n`;
	}

	private timeText(atMs: number): string {
		if (atMs !== this.atMs) {
			this.atMs = atMs;
			this.atText = new Date(atMs).toISOString();
		}
		return this.atText;
	}
}

function withoutOwn(fields: LogFields): LogFields {
	return Object.fromEntries(Object.entries(fields).filter(([name]) => !OWN.includes(name)));
}
