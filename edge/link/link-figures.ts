import { LinkTraffic } from "../../schemas/link/link-end.ts";
import type { Hello } from "../../schemas/link/messages.ts";
import { LANES, type Lane, type WorkerLink } from "./worker-link.ts";

/** What the worker at the other end serves; "none" before its hello. */
export type Service = Hello["service"] | "none";

const SERVICES: readonly Service[] = ["accounts", "market-data", "none"];

interface OpenLink {
	readonly link: WorkerLink;
	readonly service: Service;
}

/** A gateway's figures by service; counters go on when links close. */
export class LinkFigures {
	private readonly gone: Readonly<Record<Service, LinkTraffic>> = {
		accounts: new LinkTraffic(),
		"market-data": new LinkTraffic(),
		none: new LinkTraffic(),
	};

	closed(service: Service, traffic: LinkTraffic): void {
		this.gone[service].add(traffic);
	}

	/** Prometheus lines. Messages ÷ frames is the size of a batch. */
	metrics(open: readonly OpenLink[]): string {
		const linksOf = (service: Service) =>
			open.filter((one) => one.service === service).map(({ link }) => link);
		const traffics = SERVICES.map((service) => {
			const traffic = new LinkTraffic();
			traffic.add(this.gone[service]);
			for (const { end } of linksOf(service)) traffic.add(end.traffic);
			return [service, traffic] as const;
		});
		const counter = (name: string, value: (traffic: LinkTraffic) => number): string =>
			metric(
				`${name}_total`,
				"counter",
				traffics.map(([service, traffic]) => [`service="${service}"`, value(traffic)]),
			);
		const byLane = (value: (link: WorkerLink, lane: Lane) => number): Sample[] =>
			SERVICES.flatMap((service) =>
				LANES.map((lane): Sample => {
					const sum = linksOf(service).reduce((total, link) => total + value(link, lane), 0);
					return [`service="${service}",lane="${lane}"`, sum];
				}),
			);
		return [
			metric(
				"open",
				"gauge",
				SERVICES.map((service) => [`service="${service}"`, linksOf(service).length]),
			),
			metric(
				"waiting",
				"gauge",
				byLane((link, lane) => link.waiting(lane)),
			),
			metric(
				"waiting_bound",
				"gauge",
				byLane(({ maxWaiting }) => maxWaiting),
			),
			counter("frames_in", (traffic) => traffic.framesIn),
			counter("messages_in", (traffic) => traffic.messagesIn),
			counter("frames_out", (traffic) => traffic.framesOut),
			counter("messages_out", (traffic) => traffic.messagesOut),
		].join("");
	}
}

type Sample = readonly [labels: string, value: number];

function metric(name: string, type: "gauge" | "counter", samples: readonly Sample[]): string {
	const lines = samples.map(([labels, value]) => `castle_link_${name}{${labels}} ${value}\n`);
	return `# TYPE castle_link_${name} ${type}\n${lines.join("")}`;
}
