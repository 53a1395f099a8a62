import HTTPTransport
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Brokers

/// Whatever a broker, or what stands in between, answers to the adapter of `madang-sim`: it is read or refused, nothing
/// traps, and a certain no is nowhere made of what says none.
@Suite(.timeLimit(.minutes(10))) struct BrokerAnswerFuzzTests {
    private static let order =
        #"{"order_id":"paper-1","client_id":"00000000-0000-0005-0000-000000000001","symbol":"S0","side":"buy","quantity":"2","limit":"69000","filled":"1","filled_value":"69000","state":"working","placed_at":1764000000000000000,"former_ids":["paper-0"]}"#
    private static let fill =
        #"{"order_id":"paper-1","id":1,"price":"69000","quantity":"1","fee":"34.5","time":1764000000000000000,"tax":"1.5"}"#
    private static let numbers = [
        "0", "-0", "1", "-1", "2", "92233720368.54775807", "-92233720368.54775808",
        "170141183460469231731687303715884105727", "0.00000001", "1e308", "", "nan", "٣",
    ]
    private static let words = [
        "\"", "{", "}", "[", "]", ",", ":", "null", "true", "paper-1", "paper-2", "working",
        "filled", "cancelled", "order_id", "former_ids", "18446744073709551615", "4294967296",
        "error", "code", "duplicate_client_id", "maintenance", "insufficient",
    ]
    static let placing = Order(
        number: OrderNumber(1), account: AccountID(0), instrument: InstrumentID(0), side: .buy,
        quantity: .shares(2), limit: .won(69_000))

    // MARK: What the stream says

    private static let reports = Mutator(
        [
            #"{"seq":3,"type":"hello"}"#, #"{"seq":1,"type":"accepted","order":\#(order)}"#,
            #"{"seq":2,"type":"filled","order":\#(order),"fill":\#(fill)}"#,
            #"{"seq":3,"type":"changed","order":\#(order)}"#,
            #"{"seq":4,"type":"cancelled","order":\#(order),"reason":"by hand"}"#,
            #"{"seq":5,"type":"expired","order":\#(order)}"#,
        ], words: words + numbers)

    @Test(arguments: 0..<trials(8 as UInt64)) func aReportIsHeardOnceOrPassedOver(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var (sequence, memory) = (ReportSequence(), OrderMemory())
        var heard: Set<UInt32> = []
        var read = 0
        for number in 0..<triesOfASeed {
            if number % 50 == 0 {
                (sequence, memory, heard) = (ReportSequence(), OrderMemory(), [])
                memory.begin(Self.placing, as: ClientOrderID(high: 5, low: 1))
                if random.oneIn(2) {
                    _ = memory.taken(ClientOrderID(high: 5, low: 1), BrokerOrderID("paper-1"))
                }
            }
            let report: SimulatorWire.Report
            if random.oneIn(2) {
                report = Self.report(&random)
            } else {
                let bytes = Self.reports.next(&random)
                guard let wire = SimulatorWire.read(SimulatorWire.Report.self, bytes) else {
                    continue
                }
                report = wire
            }
            read += 1
            if random.oneIn(8) { sequence.beginLine() }
            let before = sequence.last
            let told: [SimulatorWire.Report]
            if report.type == "hello" {
                told = sequence.greet(report.seq)?.held ?? []
            } else {
                told = sequence.take(report)
                #expect(sequence.last >= before, "a report takes back nothing: \(report)")
            }
            _ = sequence.left(.seconds(1), at: .max / 2)
            for report in told {
                for case .report(.filled(let fill)) in memory.hear(report) {
                    #expect(heard.insert(fill.id).inserted, "a fill is told twice: \(report)")
                }
            }
        }
        #expect(read > triesOfASeed / 3)
    }

    /// Sound in its form, and with any values.
    private static func report(_ random: inout SeededRandom) -> SimulatorWire.Report {
        let names = ["paper-1", "paper-2", "", "paper-0"]
        let order = SimulatorWire.OrderState(
            order_id: random.pick(names),
            client_id: random.pick([nil, ClientOrderID(high: 5, low: 1).description, "x"]),
            symbol: random.pick(["S0", "S1", ""]), side: random.pick(["buy", "sell", "?"]),
            quantity: random.pick(numbers), limit: random.pick([nil] + numbers),
            filled: random.pick(numbers), filled_value: random.pick(numbers),
            state: random.pick(["working", "filled", "?"]), placed_at: random.anyInt64(),
            former_ids: random.pick([nil, [], names, ["paper-1"]]))
        let fill = SimulatorWire.FillState(
            order_id: random.pick(names), id: random.pick([0, 1, 2, .max]),
            price: random.pick(numbers), quantity: random.pick(numbers),
            fee: random.pick(numbers), time: random.anyInt64(),
            tax: random.pick([nil] + numbers))
        return SimulatorWire.Report(
            seq: random.oneIn(6)
                ? UInt64(bitPattern: random.anyInt64()) : .random(in: 0...9, using: &random),
            type: random.pick(["hello", "accepted", "changed", "filled", "cancelled", "expired"]),
            order: random.oneIn(8) ? nil : order, fill: random.oneIn(8) ? nil : fill,
            reason: random.pick([nil, ""]))
    }

    // MARK: What calls are answered

    private static let bodies = Mutator(
        [
            order, #"{"orders":[\#(order)]}"#, #"{"fills":[\#(fill)]}"#,
            #"{"positions":[{"symbol":"S0","quantity":"2","available":"2","average_price":"69000"}]}"#,
            #"{"balances":[{"currency":"KRW","cash":"1000","available":"1000"}]}"#,
            #"{"time":1764000000000000000,"reports":12}"#, #"{"order_id":"paper-1"}"#,
            #"{"error":{"code":"insufficient","message":"no cash"}}"#,
            #"{"error":{"code":"maintenance","message":"closed"}}"#,
            #"{"error":{"code":"duplicate_client_id","message":"taken"}}"#, "<html>502</html>", "",
        ], words: words + numbers)

    /// What the service answered to the last write of an order.
    private struct Service {
        var random: SeededRandom
        var written: [Int] = []
    }

    @Test(arguments: 0..<trials(2 as UInt64)) func aCertainNoIsSaidByTheBroker(
        _ seed: UInt64
    ) async throws {
        let service = Locked(Service(random: SeededRandom(seed)))
        let server = try HTTPServer { request, responder in
            responder.answer(service.withLock { Self.answer(request.path, &$0) })
        }
        defer { server.close() }
        let base = "http://127.0.0.1:\(server.port)"
        let clock = ManualClock()
        var random = SeededRandom(seed &+ 1_000_000)
        var (refused, unknown) = (0, 0)
        for _ in 0..<triesOfASeed / 5 {
            let broker = SimulatedBroker(
                .init(
                    http: base, stream: "ws://127.0.0.1:1/v1/stream", key: "k",
                    secret: Secret("s"), account: AccountID(0), instruments: [.sample(0)]),
                clock: clock)
            await ask(broker, &random)
            service.withLock { $0.written = [] }
            do throws(BrokerError) {
                _ = try await broker.place(
                    Placement(
                        Self.placing, as: ClientOrderID(high: 5, low: 1),
                        permit: SendPermit(opens: true, kills: [])), within: .seconds(20))
                // Or its id was taken already, by an order that looks the same.
                let said = service.withLock { $0.written.last } ?? 0
                #expect((200..<300).contains(said) || (400..<500).contains(said), "\(said)")
            } catch {
                let written = service.withLock { $0.written }
                let said = written.allSatisfy { (400..<500).contains($0) || $0 == 503 }
                #expect(!error.isCertain || said, "\(error) of \(written)")
                if error.isRefusal { refused += 1 }
                if !error.isCertain { unknown += 1 }
            }
            await broker.close()
            clock.advance(by: 4_000_000_000_000)
        }
        #expect(refused > 0 && unknown > 0)
    }

    private func ask(_ broker: SimulatedBroker, _ random: inout SeededRandom) async {
        let limit = Nanoseconds.seconds(20)
        do throws(BrokerError) {
            switch Int.random(in: 0..<9, using: &random) {
            case 0: _ = try await broker.openOrders(within: limit)
            case 1: _ = try await broker.orders(since: .zero, within: limit)
            case 2: _ = try await broker.fills(since: .zero, within: limit)
            case 3: _ = try await broker.positions(within: limit)
            case 4: _ = try await broker.balances(within: limit)
            case 5: _ = try await broker.heartbeat(within: limit)
            case 6: _ = try await broker.order(.broker(BrokerOrderID("paper-1")), within: limit)
            case 7: try await broker.cancel(.broker(BrokerOrderID("paper-1")), within: limit)
            default:
                _ = try await broker.modify(
                    .broker(BrokerOrderID("paper-1")),
                    to: Modification(
                        OrderChange(limit: .won(1), quantity: .shares(1)),
                        permit: SendPermit(opens: true, kills: [])), within: limit)
            }
        } catch {
            #expect(!"\(error)".isEmpty)
        }
    }

    private static func answer(_ path: String, _ service: inout Service) -> HTTPResponse {
        if path == "/oauth/token", !service.random.oneIn(6) {
            return HTTPResponse(
                status: 200, headers: [],
                body: Array(#"{"token":"t","expires_in":9223372036854775807}"#.utf8))
        }
        let status = service.random.pick([
            200, 200, 200, 201, 204, 301, 400, 400, 401, 403, 404, 409, 429, 500, 502, 503,
        ])
        if path == "/v1/orders" { service.written.append(status) }
        let headers =
            service.random.oneIn(3)
            ? [(name: "Retry-After-Ns", value: service.random.pick(numbers))] : []
        let body =
            service.random.oneIn(4)
            ? service.random.pick(bodies.corpus) : bodies.next(&service.random)
        return HTTPResponse(status: status, headers: headers, body: status == 204 ? [] : body)
    }
}
