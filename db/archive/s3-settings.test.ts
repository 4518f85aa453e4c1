import { expect, test } from "bun:test";
import { GetObjectCommand } from "@aws-sdk/client-s3";
import { halfAnswers } from "../testing/half-answer.ts";
import { s3Client } from "./s3-settings.ts";

test("an object that stops coming in its middle is given up", async () => {
	const server = await halfAnswers();
	const credentials = { accessKeyId: "test", secretAccessKey: "secret" };
	const place = { bucket: "bucket", region: "eu-west-1", endpoint: server.url, credentials };
	const client = s3Client(place, 50);
	const { Body } = await client.send(new GetObjectCommand({ Bucket: "bucket", Key: "key" }));
	await expect(Body?.transformToByteArray()).rejects.toThrow("timed out");
	client.destroy();
	server.close();
});
