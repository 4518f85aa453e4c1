import exchange.core2.collections.objpool.ObjectsPool;
import exchange.core2.core.common.CoreSymbolSpecification;
import exchange.core2.core.common.MatcherEventType;
import exchange.core2.core.common.MatcherTradeEvent;
import exchange.core2.core.common.OrderAction;
import exchange.core2.core.common.OrderType;
import exchange.core2.core.common.SymbolType;
import exchange.core2.core.common.cmd.CommandResultCode;
import exchange.core2.core.common.cmd.OrderCommand;
import exchange.core2.core.common.cmd.OrderCommandType;
import exchange.core2.core.common.config.LoggingConfiguration;
import exchange.core2.core.orderbook.IOrderBook;
import exchange.core2.core.orderbook.OrderBookDirectImpl;
import exchange.core2.core.orderbook.OrderBookEventsHelper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;

/**
 * exchange-core's OrderBookDirectImpl on an OBW1 file, one book per symbol, called directly: no ring
 * buffer, no risk engine. Each line on stdin is a round ("throughput" or "latency"), answered by one
 * line of JSON. The checksum is folded in the loop that is timed.
 */
public final class Driver {
    private static final int HEADER_BYTES = 64;
    private static final int RECORD_WORDS = 6;

    private final int[] words;
    private final int records;
    private final int symbols;
    private IOrderBook[] books;
    private final OrderCommand command = new OrderCommand();
    private int hash;
    private long fills;
    private long volume;
    private long notional;

    private Driver(byte[] file) {
        final ByteBuffer bytes = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
        records = bytes.getInt(8);
        symbols = bytes.getInt(12);
        words = new int[records * RECORD_WORDS];
        bytes.position(HEADER_BYTES);
        bytes.asIntBuffer().get(words);
    }

    private void reset() {
        hash = 0x811c9dc5;
        fills = 0;
        volume = 0;
        notional = 0;
        final HashMap<Integer, Integer> sizes = new HashMap<>();
        sizes.put(ObjectsPool.DIRECT_ORDER, 1024 * 1024);
        sizes.put(ObjectsPool.DIRECT_BUCKET, 1024 * 64);
        sizes.put(ObjectsPool.ART_NODE_4, 1024 * 32);
        sizes.put(ObjectsPool.ART_NODE_16, 1024 * 16);
        sizes.put(ObjectsPool.ART_NODE_48, 1024 * 8);
        sizes.put(ObjectsPool.ART_NODE_256, 1024 * 4);
        final ObjectsPool pool = new ObjectsPool(sizes);
        books = new IOrderBook[symbols];
        for (int i = 0; i < symbols; i++) {
            // A futures pair: moves of a spot pair's bids are bound to a reserved price.
            final CoreSymbolSpecification spec = CoreSymbolSpecification.builder()
                .symbolId(i).type(SymbolType.FUTURES_CONTRACT).baseCurrency(1).quoteCurrency(2)
                .baseScaleK(1).quoteScaleK(1).build();
            books[i] = new OrderBookDirectImpl(
                spec, pool, OrderBookEventsHelper.NON_POOLED_EVENTS_HELPER, LoggingConfiguration.DEFAULT);
        }
    }

    private void step(int i) {
        final int at = i * RECORD_WORDS;
        final int head = words[at];
        final OrderCommand c = command;
        c.symbol = head >>> 16;
        c.uid = words[at + 1] & 0xffffffffL;
        c.orderId = words[at + 2] & 0xffffffffL;
        c.matcherEvent = null;
        c.resultCode = CommandResultCode.VALID_FOR_MATCHING_ENGINE;
        switch (head & 0xff) {
            case 1:
            case 3:
                c.command = OrderCommandType.PLACE_ORDER;
                c.orderType = (head & 0xff) == 1 ? OrderType.GTC : OrderType.IOC;
                c.action = (head >>> 8 & 0xff) == 0 ? OrderAction.BID : OrderAction.ASK;
                c.price = words[at + 3] & 0xffffffffL;
                c.reserveBidPrice = c.price;
                c.size = words[at + 4] & 0xffffffffL;
                break;
            case 2:
                c.command = OrderCommandType.CANCEL_ORDER;
                break;
            case 4:
                c.command = OrderCommandType.MOVE_ORDER;
                c.price = words[at + 3] & 0xffffffffL;
                break;
            default:
                c.command = OrderCommandType.REDUCE_ORDER;
                c.size = words[at + 4] & 0xffffffffL;
        }
        final CommandResultCode result = IOrderBook.processCommand(books[c.symbol], c);
        if (result != CommandResultCode.SUCCESS) throw new IllegalStateException("record " + i + ": " + result);
        for (MatcherTradeEvent e = c.matcherEvent; e != null; e = e.nextEvent) {
            if (e.eventType != MatcherEventType.TRADE) continue;
            hash = (hash ^ (int) e.matchedOrderId) * 0x01000193;
            hash = (hash ^ (int) c.orderId) * 0x01000193;
            hash = (hash ^ (int) e.price) * 0x01000193;
            hash = (hash ^ (int) e.size) * 0x01000193;
            fills++;
            volume += e.size;
            notional += e.price * e.size;
        }
    }

    private static long usedBytes() {
        for (int i = 0; i < 3; i++) System.gc();
        final Runtime runtime = Runtime.getRuntime();
        return runtime.totalMemory() - runtime.freeMemory();
    }

    private String throughput() {
        reset();
        System.gc();
        final var system = (com.sun.management.OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        final long cpu = system.getProcessCpuTime();
        final long start = System.nanoTime();
        for (int i = 0; i < records; i++) step(i);
        final long ns = System.nanoTime() - start;
        final long cpuNs = system.getProcessCpuTime() - cpu;
        long qty = 0;
        for (final IOrderBook book : books) {
            for (final OrderAction side : OrderAction.values()) qty += book.getTotalOrdersVolume(side);
        }
        return String.format(
            "{\"commands\":%d,\"seconds\":%.6f,\"cpuSeconds\":%.6f,\"fills\":%d,\"volume\":\"%d\","
                + "\"notional\":\"%d\",\"hash\":%d,\"restingOrders\":%d,\"restingQty\":\"%d\"}",
            records, ns / 1e9, cpuNs / 1e9, fills, volume, notional, hash & 0xffffffffL, resting(), qty);
    }

    private long resting() {
        long orders = 0;
        for (final IOrderBook book : books) {
            for (final OrderAction side : OrderAction.values()) orders += book.getOrdersNum(side);
        }
        return orders;
    }

    /** What a second run's books and pool keep alive beside the first one's, per resting order. */
    private String memory() {
        reset();
        for (int i = 0; i < records; i++) step(i);
        final IOrderBook[] first = books;
        final long before = usedBytes();
        reset();
        for (int i = 0; i < records; i++) step(i);
        final long bytes = usedBytes() - before;
        if (first.length != books.length) throw new IllegalStateException("both are alive");
        return String.format("{\"bytesPerRestingOrder\":%.1f}", (double) bytes / Math.max(1, resting()));
    }

    private String latency() {
        reset();
        System.gc();
        final int[] times = new int[records];
        long last = System.nanoTime();
        for (int i = 0; i < records; i++) {
            step(i);
            final long now = System.nanoTime();
            times[i] = (int) Math.min(Integer.MAX_VALUE, now - last);
            last = now;
        }
        Arrays.sort(times);
        return String.format("{\"p50Ns\":%d,\"p99Ns\":%d,\"p999Ns\":%d}",
            quantile(times, 0.5), quantile(times, 0.99), quantile(times, 0.999));
    }

    private static int quantile(int[] sorted, double part) {
        return sorted[Math.max(0, (int) Math.ceil(sorted.length * part) - 1)];
    }

    public static void main(String[] args) throws Exception {
        final Driver driver = new Driver(Files.readAllBytes(Path.of(args[0])));
        final BufferedReader in = new BufferedReader(new InputStreamReader(System.in));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            System.out.println(
                line.equals("latency") ? driver.latency()
                    : line.equals("memory") ? driver.memory() : driver.throughput());
            System.out.flush();
        }
    }
}
