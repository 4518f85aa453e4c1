import type { LogFields, Logger } from "../../schemas/ports/logger.ts";

/** Tells of a store that is asked again and again: when it goes, less and less often while it is away, and when it is back. */
export class Absence {
	private readonly logger: Logger;
	private readonly what: string;
	private readonly fields: LogFields;
	private failures = 0;

	/** @param what "the order log" */
	constructor(logger: Logger, what: string, fields: LogFields) {
		this.logger = logger;
		this.what = what;
		this.fields = fields;
	}

	/** A try failed: the first, the second, the fourth and so on are told. */
	failed(error: unknown): void {
		this.failures += 1;
		if (!Number.isInteger(Math.log2(this.failures))) return;
		const { fields, failures } = this;
		this.logger.warn(`${this.what} is away`, { ...fields, failures, error: String(error) });
	}

	/** A try did not fail. */
	answered(): void {
		if (this.failures === 0) return;
		this.logger.info(`${this.what} is back`, { ...this.fields, failures: this.failures });
		this.failures = 0;
	}
}
