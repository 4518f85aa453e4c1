import { LinkTraffic } from "../../schemas/link/link-end.ts";
import type { Hello } from "../../schemas/link/messages.ts";
import { type MetricSample, metricText } from "../../schemas/prometheus-text.ts";
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
		const counter = (name: string, help: string, value: (traffic: LinkTraffic) => number): string =>
			metricText(
				`castle_link_${name}_total`,
				help,
				traffics.map(([service, traffic]) => [`service="${service}"`, value(traffic)]),
			);
		const byLane = (value: (link: WorkerLink, lane: Lane) => number): MetricSample[] =>
			SERVICES.flatMap((service) =>
				LANES.map((lane): MetricSample => {
					const sum = linksOf(service).reduce((total, link) => total + value(link, lane), 0);
					return [`service="${service}",lane="${lane}"`, sum];
				}),
			);
		return [
			metricText(
				"castle_link_open",
				"Links to workers, by what they serve.",
				SERVICES.map((service) => [`service="${service}"`, linksOf(service).length]),
			),
			metricText(
				"castle_link_waiting",
				"Calls whose answer is waited for.",
				byLane((link, lane) => link.waiting(lane)),
			),
			metricText(
				"castle_link_waiting_bound",
				"With more of them calls are refused.",
				byLane(({ maxWaiting }) => maxWaiting),
			),
			counter("frames_in", "Frames from workers.", (traffic) => traffic.framesIn),
			counter("messages_in", "Messages in them.", (traffic) => traffic.messagesIn),
			counter("frames_out", "Frames to workers.", (traffic) => traffic.framesOut),
			counter("messages_out", "Messages in them.", (traffic) => traffic.messagesOut),
		].join("");
	}
}
