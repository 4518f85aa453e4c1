import RequestQueue from "kafkajs/src/network/requestQueue/index.js";

/**
 * kafkajs 2.2.4 looks for requests that wait for their turn a thousand times a second on each connection,
 * also where none does (its issue 1704, open). From the first import of this on it looks only while some do.
 */
const { prototype } = RequestQueue;
const lookLater = prototype.scheduleCheckPendingRequests;
prototype.scheduleCheckPendingRequests = function lookWhileSomeWait(this: RequestQueue): void {
	if (this.pending.length > 0) lookLater.call(this);
};
