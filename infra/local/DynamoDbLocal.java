import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBRequestHandler;
import com.amazonaws.services.dynamodbv2.local.server.LocalDynamoDBServerHandler;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;

/**
 * DynamoDB Local on one address: its own main class listens on all of them.
 *
 *   DynamoDbLocal ADDRESS PORT [FOLDER]      in memory without a folder
 */
public final class DynamoDbLocal {
	public static void main(String[] arguments) throws Exception {
		boolean inMemory = arguments.length < 3;
		String folder = inMemory ? null : arguments[2];
		boolean oneDatabaseForAllKeys = true;
		boolean slowTableChanges = false;
		var requests =
				new LocalDynamoDBRequestHandler(
						0, inMemory, folder, oneDatabaseForAllKeys, slowTableChanges);
		var server = new Server();
		var connector = new ServerConnector(server);
		connector.setHost(arguments[0]);
		connector.setPort(Integer.parseInt(arguments[1]));
		server.addConnector(connector);
		server.setHandler(new LocalDynamoDBServerHandler(requests, null));
		server.start();
		server.join();
	}
}
