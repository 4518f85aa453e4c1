import type { Hello } from "../../schemas/link/messages.ts";
import { LANES, type WorkerLink } from "./worker-link.ts";

/** What the worker at the other end serves; "none" before its hello. */
export type Service = Hello["service"] | "none";

const SERVICES: readonly Service[] = ["accounts", "market-data", "none"];

/** Prometheus lines of the open links, summed by service. */
export function linkMetrics(
	links: readonly { readonly link: WorkerLink; readonly service: Service }[],
): string {
	const lines: string[] = [];
	const each = (name: string, type: "gauge" | "counter", value: (link: WorkerLink) => number) => {
		lines.push(`# TYPE castle_link_${name} ${type}`);
		for (const service of SERVICES) {
			const sum = links
				.filter((linked) => linked.service === service)
				.reduce((total, { link }) => total + value(link), 0);
			lines.push(`castle_link_${name}{service="${service}"} ${sum}`);
		}
	};
	each("open", "gauge", () => 1);
	for (const lane of LANES) each(`waiting_${lane}`, "gauge", (link) => link.waiting(lane));
	// Messages ÷ frames is the size of a batch.
	each("frames_in_total", "counter", ({ end }) => end.traffic.framesIn);
	each("messages_in_total", "counter", ({ end }) => end.traffic.messagesIn);
	each("frames_out_total", "counter", ({ end }) => end.traffic.framesOut);
	each("messages_out_total", "counter", ({ end }) => end.traffic.messagesOut);
	return `${lines.join("\n")}\n`;
}
