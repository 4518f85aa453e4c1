import { describe, expect, test } from "bun:test";
import { Gateway } from "../../../edge/link/gateway.ts";
import { VirtualTime } from "../testing/virtual-time.ts";
import { AccountsOnLink } from "./accounts-on-link.ts";
import { LinkDialer } from "./dialer.ts";
import type { LinkService } from "./link-service.ts";
import { countsOf, FakeShard } from "./testing/fake-shard.ts";
import { MemoryDial } from "./testing/memory-dial.ts";

const silent = { info() {}, warn() {}, error() {} };

/** Gateways named g1, g2, … behind the name "edge", and workers that dial them. */
function venueOf(gateways = 1, maxWaiting = 100) {
	const time = new VirtualTime();
	const dial = new MemoryDial(time);
	const ports = { clock: time, scheduler: time, logger: silent };
	const fatals: unknown[] = [];
	for (let i = 1; i <= gateways; i++) {
		dial.gateways.set(
			`g${i}`,
			new Gateway({ ...ports, accountShards: 2, partitions: 1, maxWaiting }),
		);
	}
	dial.names.set("edge", [...dial.gateways.keys()]);
	const worker = (service: LinkService): LinkDialer => {
		const dialer = new LinkDialer({
			...ports,
			...{ dial, service, gateways: [{ host: "edge", port: 1 }] },
			onFatal: (error) => fatals.push(error),
		});
		dialer.start();
		return dialer;
	};
	return { time, dial, worker, fatals, gateway: dial.gateways.get("g1") as Gateway };
}

describe("account workers over links", () => {
	test("a user's shard is asked and answers, at every gateway", async () => {
		const venue = venueOf(2);
		const shards = [new FakeShard(1, 1), new FakeShard(2, 1)];
		venue.worker(new AccountsOnLink(() => shards));
		await venue.time.advance(10);
		for (const gateway of venue.dial.gateways.values()) {
			const ofShard2 = gateway.accounts(1).orderCounts(1);
			const ofShard1 = gateway.accounts(2).orderCounts(2);
			await venue.time.advance(10);
			expect(shards[1]?.asked.map(({ args }) => args)).toEqual([[1]]);
			shards[1]?.answer(countsOf(11));
			shards[0]?.answer(countsOf(22));
			await venue.time.advance(10);
			expect(await ofShard2).toEqual(countsOf(11) as never);
			expect(await ofShard1).toEqual(countsOf(22) as never);
		}
	});
});
