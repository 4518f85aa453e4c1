import { metricText } from "../../schemas/prometheus-text.ts";

/** What is told of a partition, by its name behind "castle_matching_". */
const HELP = {
	orders_offset: "The offset in orders up to which commands are taken.",
	ev_seq: "evSeq of the last record made.",
	unpublished: "Records that wait to be written to trades.",
	refused_commands:
		"Commands that the engine could not take since the start (docs/runbooks/engine-fault.md).",
	engine_version: "Version of the engine's rules in force.",
	unpublished_bound: "With more of them no more commands are taken.",
} as const;

/** Prometheus lines of one partition. */
export function metricsText(
	partition: number,
	gauges: Readonly<Record<keyof typeof HELP, number>>,
): string {
	return Object.entries(HELP)
		.map(([name, help]) =>
			metricText(`castle_matching_${name}`, help, [
				[`partition="${partition}"`, gauges[name as keyof typeof HELP]],
			]),
		)
		.join("");
}
