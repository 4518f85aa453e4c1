/** Records were asked for that retention has removed: the reader's position is too old for this log. */
export class LogTrimmed extends Error {
	override readonly name = "LogTrimmed";

	constructor(topic: string, partition: number, from: number, first: number) {
		super(
			`${topic}/${partition} begins at ${first}, and ${from} was asked for: retention has removed what was before (the way back: docs/runbooks/log-trimmed.md)`,
		);
	}
}
