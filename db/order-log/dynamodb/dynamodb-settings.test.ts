import { expect, test } from "bun:test";
import { GetItemCommand } from "@aws-sdk/client-dynamodb";
import { halfAnswers } from "../../testing/half-answer.ts";
import { dynamoDbClient } from "./dynamodb-settings.ts";

test("an answer that stops coming in its middle is given up", async () => {
	const server = await halfAnswers();
	const credentials = { accessKeyId: "test", secretAccessKey: "secret" };
	const place = { table: "table", region: "eu-west-1", endpoint: server.url, credentials };
	const client = dynamoDbClient(place, 50);
	const asked = new GetItemCommand({ TableName: "table", Key: { pk: { S: "a" } } });
	await expect(client.send(asked)).rejects.toThrow("timed out");
	client.destroy();
	server.close();
});
