import { expect, test } from "bun:test";
import { NoAnswer } from "../../../edge/link/worker-link.ts";
import { AccountsOnLink } from "./accounts-on-link.ts";
import type { DialHandlers } from "./dialer.ts";
import { countsOf, FakeShard } from "./testing/fake-shard.ts";
import { LinkWorld, stateOf } from "./testing/link-world.ts";

function linked(world: LinkWorld): string[] {
	return world.dial.wires.map(({ host }) => host);
}

test("stopping: what was asked is answered, nobody asks any more, then the links close", async () => {
	const world = new LinkWorld(2);
	const shard = new FakeShard(1, 1);
	const dialer = await world.worker(new AccountsOnLink(() => [shard]));
	const asked = stateOf(world.gateway.accounts(2).orderCounts(2));
	await world.turn();
	const onItsWay = stateOf(world.gateway.accounts(2).orderCounts(2));
	const stopped = stateOf(dialer.stop().then(() => "stopped"));
	await world.turn();
	const late = stateOf(world.gateway.accounts(2).orderCounts(2));
	await world.turn();
	expect(late.now).toBeInstanceOf(NoAnswer);
	expect(shard.asked).toHaveLength(2);
	expect(stopped.now).toBe("waiting");
	shard.answer(countsOf(1));
	shard.answer(countsOf(2));
	await world.turn();
	expect(asked.now as unknown).toEqual(countsOf(1));
	expect(onItsWay.now as unknown).toEqual(countsOf(2));
	await world.turn();
	expect(stopped.now).toBe("stopped");
	expect(world.gateway.metrics()).toContain('castle_link_open{service="accounts"} 0\n');
	await world.time.advance(10_000);
	expect(linked(world)).toEqual(["g1", "g2"]);
});

test("stopping: a question that crosses the word of it is answered, too", async () => {
	const world = new LinkWorld();
	const shard = new FakeShard(1, 1);
	const dialer = await world.worker(new AccountsOnLink(() => [shard]));
	const asked = stateOf(world.gateway.accounts(2).orderCounts(2));
	void dialer.stop();
	await world.time.advance(1);
	shard.answer(countsOf(1));
	await world.turn();
	expect(asked.now as unknown).toEqual(countsOf(1));
});

test("stopping takes no longer than some seconds", async () => {
	const world = new LinkWorld();
	const dialer = await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
	const asked = stateOf(world.gateway.accounts(2).orderCounts(2));
	await world.turn();
	const stopped = stateOf(dialer.stop().then(() => "stopped"));
	await world.time.advance(6_000);
	expect(stopped.now).toBe("stopped");
	expect(asked.now).toBeInstanceOf(NoAnswer);
});

test("a gateway that comes later is found, one that has gone is not dialed for ever", async () => {
	const world = new LinkWorld();
	await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
	world.addGateway("g2");
	await world.time.advance(2_100);
	expect(linked(world)).toEqual(["g1", "g2"]);
	world.dial.gateways.delete("g1");
	world.dial.names.set("edge", ["g2"]);
	world.dial.wires[0]!.break();
	await world.time.advance(10_000);
	const { attempts } = world.dial;
	await world.time.advance(60_000);
	expect(world.dial.attempts).toBe(attempts);
	expect(linked(world)).toEqual(["g1", "g2"]);
});

test("a gateway that does not answer is tried again, less and less often", async () => {
	const world = new LinkWorld();
	const gateway = world.gateway;
	world.dial.gateways.delete("g1");
	await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
	await world.time.advance(10_000);
	expect(world.dial.attempts).toBeGreaterThan(10);
	expect(world.dial.attempts).toBeLessThan(20);
	world.dial.gateways.set("g1", gateway);
	await world.time.advance(1_100);
	expect(linked(world)).toEqual(["g1"]);
});

test("a gateway that sends the worker away is tried again less and less often, too", async () => {
	const world = new LinkWorld();
	// As one of another version: it opens, and cannot read the first word.
	await world.worker(new AccountsOnLink(() => [new FakeShard(3, 1)]));
	await world.time.advance(10_000);
	expect(world.dial.attempts).toBeGreaterThan(10);
	expect(world.dial.attempts).toBeLessThan(20);
});

test("an attempt that was given up and ends late leaves the link that took its place alone", async () => {
	const world = new LinkWorld();
	const given: DialHandlers[] = [];
	const dial = world.dial.dial.bind(world.dial);
	// The gateway hangs while the first attempt waits, and tells of its end when it goes on.
	world.dial.dial = (gateway, handlers) => {
		given.push(handlers);
		return given.length === 1 ? () => {} : dial(gateway, handlers);
	};
	await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
	await world.time.advance(2_200);
	expect(linked(world)).toEqual(["g1"]);
	given[0]?.received("of another link");
	given[0]?.closed("1006");
	await world.time.advance(10_000);
	expect(linked(world)).toEqual(["g1"]);
	expect(world.gateway.metrics()).toContain('castle_link_open{service="accounts"} 1\n');
});

test("a name that is not known for a while costs no link", async () => {
	const world = new LinkWorld();
	await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
	world.dial.names.delete("edge");
	world.dial.wires[0]!.break();
	await world.time.advance(5_000);
	expect(linked(world)).toEqual(["g1", "g1"]);
});

test("what is no frame ends the link, and a new one is made", async () => {
	for (const garbage of [
		"",
		"{}",
		"[[]]",
		"[[9]]",
		"[3]",
		'[[3,1,1,0,"audit",7]]',
		'[[3,1,1,0,"toString"]]',
	]) {
		const world = new LinkWorld();
		const dialer = await world.worker(new AccountsOnLink(() => [new FakeShard(1, 1)]));
		world.dial.wires[0]!.sendToWorker(garbage);
		await world.time.advance(200);
		expect(linked(world)).toEqual(["g1", "g1"]);
		world.dial.wires[1]!.sendToGateway(garbage);
		await world.time.advance(200);
		expect(linked(world)).toEqual(["g1", "g1", "g1"]);
		void dialer.stop();
		await world.turn();
	}
});
