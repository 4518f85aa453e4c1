/** What stands between the braces, "" for nothing; and the value. */
export type MetricSample = readonly [labels: string, value: number];

/** The lines of one metric: a counter when its name ends with "_total", else a gauge. */
export function metricText(name: string, help: string, samples: readonly MetricSample[]): string {
	const type = name.endsWith("_total") ? "counter" : "gauge";
	const lines = samples.map(([labels, value]) => {
		const of = labels === "" ? "" : `{${labels}}`;
		return `${name}${of} ${value}\n`;
	});
	return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

/** What a histogram's lines have behind its name. */
const OF_A_HISTOGRAM = /_(bucket|sum|count)$/;

interface Metric {
	/** HELP and TYPE, the first of each. */
	readonly head: Map<string, string>;
	readonly samples: string[];
}

/**
 * Prometheus text in which the lines of each metric stand together, under one HELP and one TYPE, as its
 * format demands. Workers of one process write each for itself, so what several have comes several times.
 */
export function groupedByMetric(text: string): string {
	const metrics = new Map<string, Metric>();
	const metricOf = (name: string): Metric => {
		const known = metrics.get(name) ?? { head: new Map(), samples: [] };
		metrics.set(name, known);
		return known;
	};
	for (const line of text.split("\n")) {
		if (line === "") continue;
		const [, word, named] = /^# (HELP|TYPE) (\S+)/.exec(line) ?? [];
		if (word !== undefined && named !== undefined) {
			const { head } = metricOf(named);
			if (!head.has(word)) head.set(word, line);
			continue;
		}
		const name = /^[^{ ]*/.exec(line)?.[0] ?? line;
		const histogram = name.replace(OF_A_HISTOGRAM, "");
		const isPart = metrics.get(histogram)?.head.get("TYPE")?.endsWith(" histogram") === true;
		metricOf(isPart ? histogram : name).samples.push(line);
	}
	const lines = [...metrics.values()].flatMap(({ head, samples }) => [
		...head.values(),
		...samples,
	]);
	return lines.map((line) => `${line}\n`).join("");
}
