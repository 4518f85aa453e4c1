import { expect, test } from "bun:test";
import { groupedByMetric, metricText } from "./prometheus-text.ts";

test("a metric has its HELP, its TYPE by its name, and a line for each of its samples", () => {
	expect(metricText("a_waiting", "What waits.", [["", 0.5]])).toBe(
		"# HELP a_waiting What waits.\n# TYPE a_waiting gauge\na_waiting 0.5\n",
	);
	const counter = metricText("b_total", "All of them.", [
		['shard="1"', 2],
		['shard="2"', 3],
	]);
	expect(counter).toBe(
		'# HELP b_total All of them.\n# TYPE b_total counter\nb_total{shard="1"} 2\nb_total{shard="2"} 3\n',
	);
});

test("what two workers write each for itself stands together, under one HELP and one TYPE", () => {
	const worker = (partition: number) =>
		`# HELP c_total Records.\n# TYPE c_total counter\nc_total{partition="${partition}"} 5\n` +
		`c_waiting{partition="${partition}"} 1\n`;
	expect(groupedByMetric(worker(0) + worker(1))).toBe(
		"# HELP c_total Records.\n# TYPE c_total counter\n" +
			'c_total{partition="0"} 5\nc_total{partition="1"} 5\n' +
			'c_waiting{partition="0"} 1\nc_waiting{partition="1"} 1\n',
	);
});

test("a histogram's buckets, sum and count are its own, and stay in their order", () => {
	const shard = (n: number) =>
		`# TYPE h_seconds histogram\nh_seconds_bucket{shard="${n}",le="+Inf"} 2\n` +
		`h_seconds_sum{shard="${n}"} 0.5\nh_seconds_count{shard="${n}"} 2\n`;
	const lines = groupedByMetric(shard(1) + shard(2)).split("\n");
	expect(lines.filter((line) => line.startsWith("#"))).toEqual(["# TYPE h_seconds histogram"]);
	expect(lines.slice(1, 4).every((line) => line.includes('shard="1"'))).toBe(true);
	expect(lines).toHaveLength(8);
});

test("a figure that is only named like a part of a histogram is one of its own", () => {
	const text = "# TYPE a gauge\na 1\na_count 2\n";
	expect(groupedByMetric(text)).toBe(text);
	expect(groupedByMetric("")).toBe("");
});
