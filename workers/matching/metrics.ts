/** Prometheus lines of gauges of one partition, by their names behind "castle_matching_". */
export function metricsText(partition: number, gauges: Readonly<Record<string, number>>): string {
	return Object.entries(gauges)
		.flatMap(([name, value]) => [
			`# TYPE castle_matching_${name} gauge`,
			`castle_matching_${name}{partition="${partition}"} ${value}`,
		])
		.concat("")
		.join("\n");
}
