import { afterAll, expect, test } from "bun:test";
import RequestQueue from "kafkajs/src/network/requestQueue/index.js";
import "./calm-request-queue.ts";

const queue = new RequestQueue({
	...{ maxInFlightRequests: 1, requestTimeout: 1_000, enforceRequestTimeout: false },
	...{ clientId: "test", broker: "none", logger: { debug: () => {} } },
});

afterAll(() => queue.destroy());

test("a connection looks for waiting requests only while some wait", () => {
	queue.scheduleCheckPendingRequests();
	expect(queue.throttleCheckTimeoutId).toBeFalsy();
	(queue.pending as unknown[]).push({});
	queue.scheduleCheckPendingRequests();
	expect(queue.throttleCheckTimeoutId).toBeTruthy();
	(queue.pending as unknown[]).pop();
});
