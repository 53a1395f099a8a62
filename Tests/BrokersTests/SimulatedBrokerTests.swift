import Glibc
import HTTPTransport
import Platform
import Ports
import TestKit
import Testing
import TradingModel

@testable import Brokers

/// What the adapter does where the contract does not look.
@Suite(.timeLimit(.minutes(2))) struct SimulatedBrokerTests {
    static func order(_ number: UInt64, limit: Int64 = 69_000) -> Order {
        Order(
            number: OrderNumber(number), account: AccountID(0), instrument: InstrumentID(0),
            side: .buy, quantity: .shares(2), limit: .won(limit))
    }
    static func client(_ number: UInt64) -> ClientOrderID { ClientOrderID(high: 5, low: number) }
    static func placement(
        _ number: UInt64, _ permit: SendPermit = SendPermit(opens: true, kills: [])
    ) -> Placement {
        Placement(order(number), as: client(number), permit: permit)
    }
    static func code(_ body: () async throws(BrokerError) -> Void) async -> BrokerError.Code? {
        do throws(BrokerError) {
            try await body()
            return nil
        } catch { return error.code }
    }

    /// Whatever happens to an order on the wire: which of the classes it is, and whether it was
    /// made.
    @Test(
        arguments: [
            ("lose_request", .outcomeUnknown, 0), ("hang", .outcomeUnknown, 0),
            ("error_before", .outcomeUnknown, 0), ("lose_reply", .outcomeUnknown, 1),
            ("time_out", .outcomeUnknown, 1), ("error_after", .outcomeUnknown, 1),
            ("half", .outcomeUnknown, 1), ("garbage", .outcomeUnknown, 1),
            ("maintenance", .maintenance(wait: .milliseconds(7)), 0),
            ("rate_limit", .rateLimited(wait: .milliseconds(7)), 0),
            ("expire_token", nil, 1), ("unauthorized", nil, 1), ("delay", nil, 1),
        ] as [(String, BrokerError.Code?, UInt64)])
    func tellsWhatBecameOfAnOrder(_ fault: String, _ wanted: BrokerError.Code?, _ orders: UInt64)
        async throws
    {
        let bench = try await SimulatedBench()
        try await bench.process.fault(fault, on: "place", #","wait_ms":7"#)
        let code = await Self.code { () async throws(BrokerError) in
            _ = try await bench.broker.place(Self.placement(1), within: .milliseconds(400))
        }
        #expect(code == wanted)
        #expect(try await bench.process.control("state").orders == orders)
        #expect(try await bench.process.control("state").struck["place/\(fault)"] == 1)
        guard code == .outcomeUnknown else { return }
        // Nothing goes out again under an id in doubt, until the broker is asked.
        if orders == 0 {
            let again = await Self.code { () async throws(BrokerError) in
                _ = try await bench.broker.place(Self.placement(1))
            }
            #expect(again == .outcomeUnknown)
        } else {
            #expect(try await bench.broker.order(.client(Self.client(1))) != .none)
            #expect(try await bench.broker.place(Self.placement(1)).text == "paper-1")
        }
        #expect(try await bench.process.control("state").orders == orders)
    }

    @Test(arguments: ["lose_request", "hang", "error_before", "lose_reply", "half", "garbage"])
    func aQuestionWithoutAnAnswerIsOffline(_ fault: String) async throws {
        let bench = try await SimulatedBench()
        try await bench.process.fault(fault, on: "question")
        let code = await Self.code { () async throws(BrokerError) in
            _ = try await bench.broker.openOrders(within: .milliseconds(300))
        }
        #expect(code == .offline)
        #expect(try await bench.broker.openOrders() == [])
    }

    /// Nothing of an order is written where its login fails, whatever becomes of that: it is certain, and works again behind it.
    @Test(
        arguments: [
            ("lose_request", .offline), ("lose_reply", .offline), ("error_before", .offline),
            ("error_after", .offline), ("half", .offline), ("garbage", .offline),
            ("hang", .offline), ("time_out", .offline),
            ("rate_limit", .rateLimited(wait: .milliseconds(7))),
            ("maintenance", .maintenance(wait: .milliseconds(7))),
            ("unauthorized", .unauthorized), ("delay", nil), ("expire_token", nil),
        ] as [(String, BrokerError.Code?)])
    func anOrderWithoutALoginIsCertainlyNotThere(_ fault: String, _ wanted: BrokerError.Code?)
        async throws
    {
        let bench = try await SimulatedBench()
        // The login that the stream made is over.
        bench.clock.advance(by: 80_000_000_000_000)
        try await bench.process.fault(fault, on: "login", #","wait_ms":7,"count":9"#)
        let broker = bench.broker
        let placing = Task {
            await Self.code { () async throws(BrokerError) in
                _ = try await broker.place(Self.placement(1))
            }
        }
        if ["hang", "time_out"].contains(fault) {
            try await Patience.wait("the fault to strike") {
                try await bench.process.control("state").struck["login/\(fault)"] != nil
            }
            placing.cancel()
        }
        #expect(await placing.value == wanted)
        #expect(try await bench.process.control("state").orders == (wanted == nil ? 1 : 0))
        try await bench.process.control("clear", "{}")
        bench.clock.advance(by: 1_000_000_000)
        _ = try await broker.place(Self.placement(1))
        #expect(try await bench.process.control("state").orders == 1)
    }

    @Test func nobodyThereIsOfflineAndWrongKeysAreUnauthorized() async throws {
        let bench = try await SimulatedBench()
        var settings = bench.process.settings()
        settings.secret = Secret("guess")
        let stranger = SimulatedBroker(settings, clock: HostClock())
        #expect(
            await Self.code { () async throws(BrokerError) in _ = try await stranger.heartbeat() }
                == .unauthorized)
        #expect(
            await Self.code { () async throws(BrokerError) in
                _ = try await stranger.place(Self.placement(1))
            } == .unauthorized)
        settings = bench.process.settings()
        settings.http = "http://127.0.0.1:9"
        let lost = SimulatedBroker(settings, clock: HostClock())
        #expect(
            await Self.code { () async throws(BrokerError) in
                _ = try await lost.place(Self.placement(1))
            } == .offline)
        #expect(
            await Self.code { () async throws(BrokerError) in _ = try await lost.heartbeat() }
                == .offline)
    }

    /// A kill that comes while the order waits for its login holds it back at the last hop.
    @Test func aKillOvertakesAnOrderThatWaits() async throws {
        let bench = try await SimulatedBench()
        let kills = KillCounter()
        let permit = SendPermit(opens: true, kills: [kills.reading()])
        try await bench.process.fault("expire_token", on: "place")
        try await bench.process.fault("delay", on: "login", #","wait_ms":2000"#)
        async let code = Self.code { () async throws(BrokerError) in
            _ = try await bench.broker.place(Self.placement(1, permit))
        }
        while try await bench.process.control("state").struck["login/delay"] == nil {
            await Task.yield()
        }
        kills.raise()
        let told = await code
        #expect(told == .notSent(.killed))
        #expect(try await bench.process.control("state").orders == 0)
    }

    @Test func aTokenIsRenewedBeforeItsEnd() async throws {
        let bench = try await SimulatedBench()
        try await bench.process.fault("delay", on: "login", #","count":9"#)
        _ = try await bench.broker.heartbeat()
        #expect(try await bench.process.control("state").struck == [:], "the stream's token serves")
        bench.clock.advance(by: 80_000_000_000_000)
        _ = try await bench.broker.heartbeat()
        #expect(try await bench.process.control("state").struck == ["login/delay": 1])
        _ = try await bench.broker.heartbeat()
        #expect(try await bench.process.control("state").struck == ["login/delay": 1])
    }

    /// A line without resumption that broke: a gap is told, and what comes later is heard.
    @Test func aBreakWithoutResumptionIsToldAsAGap() async throws {
        let mode = SimulatorMode(testDescription: "", arguments: ["--no-resume"])
        let bench = try await SimulatedBench(mode)
        _ = try await bench.broker.place(Self.placement(1))
        await bench.settle()
        try await bench.process.fault("lose", on: "stream")
        _ = try await bench.broker.place(Self.placement(2))
        try await bench.process.control("drop", "{}")
        await bench.settle()
        _ = try await bench.broker.place(Self.placement(3))
        await bench.settle()
        let news = await bench.broker.news(after: 0, limit: 100, wait: false).map(\.news)
        let gaps = news.filter { if case .gap = $0 { true } else { false } }
        #expect(gaps.count == 1, "\(news)")
        #expect(news.contains(.report(.accepted(OrderNumber(3), BrokerOrderID("paper-3")))))
    }

    /// Another process of ours: it adopts, hears the fill under the order's number, and makes no
    /// second order.
    @Test func aSecondAdapterTakesOver() async throws {
        let bench = try await SimulatedBench()
        let first = try await bench.broker.place(Self.placement(1))
        await bench.settle()
        let second = SimulatedBroker(bench.process.settings(), clock: HostClock())
        let running = Task { await second.run() }
        while try await bench.process.control("state").lines < 2 { await Task.yield() }
        // Without having been told: the broker knows the id, and it is the same order.
        #expect(try await second.place(Self.placement(1)) == first)
        try await second.adopt(Self.order(1), as: Self.client(1), at: first)
        try await bench.process.trade("KR0001", .won(69_000))
        await second.hears(through: try await bench.process.control("state").reports)
        let reports = await second.news(after: 0, limit: 9, wait: false).map(\.news)
        guard case .report(.filled(let fill))? = reports.last else {
            return _ = Issue.record("\(reports)")
        }
        #expect(fill.order == OrderNumber(1) && fill.quantity == .shares(2))
        #expect(try await bench.process.control("state").orders == 1)
        await second.close()
        running.cancel()
    }

    /// A broker that hangs as a whole, its sockets open: the line ends by the silence.
    @Test func aStoppedBrokerIsNoticed() async throws {
        let process = try await SimulatorProcess([])
        let login = SimulatorWire.Login(key: process.told.key, secret: process.told.secret)
        let answer = try await process.client.send(
            HTTPRequest(
                .post, Secret(process.told.http + "/oauth/token"), body: SimulatorWire.bytes(login))
        )
        let token = try #require(SimulatorWire.read(SimulatorWire.Token.self, answer.body)).token
        let client = WebSocketClient(WebSocketLimits(pingSeconds: 1, hangUpSeconds: 2))
        let line = try await client.connect(
            to: Secret(process.told.stream), headers: [.init("Authorization", "Bearer \(token)")])
        guard case .message? = await line.next() else { return _ = Issue.record("no hello") }
        process.signal(SIGSTOP)
        defer { process.signal(SIGCONT) }
        guard case .closed(code: nil, _)? = await line.next() else {
            return _ = Issue.record("it is not noticed")
        }
    }

    /// Questions are answered and nobody tells anything: what happens there is a gap, each time anew, and not silence.
    @Test func aStreamThatNeverStandsIsToldWithWhatItMissed() async throws {
        let process = try await SimulatorProcess([])
        let clock = ManualClock()
        var settings = process.settings()
        settings.stream = "ws://127.0.0.1:1/v1/stream"
        let broker = SimulatedBroker(settings, clock: clock)
        let running = Task { await broker.run() }
        defer { running.cancel() }
        while await broker.downSince == nil { await Task.yield() }
        func gaps() async throws -> [String] {
            _ = try await broker.heartbeat(within: .seconds(60))
            return await broker.news(after: 0, limit: 100, wait: false).compactMap {
                if case .gap(let words) = $0.news { words } else { nil }
            }
        }
        #expect(try await gaps() == [], "a line may take its time")
        clock.advance(by: 6_000_000_000)
        let first = try await gaps()
        #expect(first.count == 1 && first[0].hasPrefix("no line of reports has stood for 6 s"))
        #expect(try await gaps().count == 1, "nothing has happened since")
        _ = try await broker.place(Self.placement(1))
        #expect(try await gaps().count == 2)
        #expect(try await gaps().count == 2)
        #expect(await !broker.stands(within: .zero))
    }

    @Test func ourOwnRateIsKept() async throws {
        let bench = try await SimulatedBench()
        var settings = bench.process.settings()
        settings.rate = 8
        let broker = SimulatedBroker(settings, clock: ManualClock())
        var asked = 0
        while await Self.code({ () async throws(BrokerError) in _ = try await broker.heartbeat() })
            == nil
        { asked += 1 }
        #expect(asked == 6, "a quarter is left for orders")
        _ = try await broker.place(Self.placement(1))
        _ = try await broker.place(Self.placement(2))
        let over = await Self.code { () async throws(BrokerError) in
            _ = try await broker.place(Self.placement(3))
        }
        guard case .rateLimited(let wait)? = over, wait > .zero else {
            return _ = Issue.record("\(String(describing: over))")
        }
    }

    /// However a line mixes them, reports come in order, each once.
    @Test(arguments: seeds(0..<200))
    func reportsComeInOrderEachOnce(_ seed: UInt64) {
        var random = SeededRandom(seed)
        var sequence = ReportSequence()
        var sent = (1...40 as ClosedRange<UInt64>).flatMap {
            [UInt64](repeating: $0, count: random.oneIn(4) ? 2 : 1)
        }
        for index in sent.indices where random.oneIn(3) {
            sent.swapAt(index, min(sent.count - 1, index + Int.random(in: 0...5, using: &random)))
        }
        let heard = sent.flatMap { number in
            sequence.take(SimulatorWire.Report(seq: number, type: "accepted")).map(\.seq)
        }
        #expect(heard == Array(1...40))
        #expect(!sequence.misses && sequence.last == 40)
    }

    @Test func aLostReportIsWaitedForOnceHoweverMuchComesBehindIt() {
        var sequence = ReportSequence()
        func take(_ number: UInt64) {
            _ = sequence.take(SimulatorWire.Report(seq: number, type: "accepted"))
        }
        take(1)
        #expect(sequence.left(.seconds(1), at: 0) == nil)
        for number in 3...9 as ClosedRange<UInt64> {
            take(number)
            let now = Int64(number - 3) * 200_000_000
            #expect(sequence.left(.seconds(1), at: now) == 1_000_000_000 - now)
        }
        sequence.beginLine()
        #expect(sequence.left(.seconds(1), at: 5_000_000_000) == 1_000_000_000)
        take(2)
        #expect(sequence.left(.seconds(1), at: 5_000_000_000) == nil && sequence.last == 9)
    }
    /// A report that the broker never tells again: the third line without it makes a gap of it.
    @Test func whatNoLineBringsIsAGap() throws {
        var sequence = ReportSequence()
        for number in [1, 4, 5, 7] as [UInt64] {
            _ = sequence.take(SimulatorWire.Report(seq: number, type: "accepted"))
        }
        for line in 1...3 {
            #expect(sequence.left(.seconds(1), at: Int64(line)) != nil)
            sequence.beginLine()
            let told = sequence.greet(1)
            #expect((told != nil) == (line == 3))
            guard let (gap, held) = told else { continue }
            #expect(gap == "3 lines did not bring reports 2 to 3")
            #expect(held.map(\.seq) == [4, 5])
        }
        // The next one that is missing has its three lines too.
        #expect(sequence.last == 5 && sequence.misses)
        #expect(sequence.left(.seconds(1), at: 9) != nil)
        sequence.beginLine()
        #expect(sequence.greet(5) == nil)
    }

    /// A count that no broker comes to traps nothing, and the next one counts.
    @Test func theLargestNumberOfAllIsCountedFrom() {
        var sequence = ReportSequence()
        _ = sequence.skip(to: .max)
        #expect(sequence.take(SimulatorWire.Report(seq: .max, type: "accepted")).isEmpty)
        #expect(sequence.greet(5)?.gap == "reports 0 to 5 were missed")
        #expect(sequence.take(SimulatorWire.Report(seq: 6, type: "accepted")).map(\.seq) == [6])
    }

    /// A fill in another order's report is nobody's: it is asked for.
    @Test func aFillUnderAnotherOrdersNameIsAGap() {
        var memory = OrderMemory()
        let order = Self.order(1)
        memory.begin(order, as: Self.client(1))
        _ = memory.taken(Self.client(1), BrokerOrderID("b1"))
        let state = SimulatorWire.OrderState(
            order_id: "b1", client_id: nil, symbol: "S", side: "buy", quantity: "2", limit: nil,
            filled: "2", filled_value: "138000", state: "filled", placed_at: nil)
        func report(_ id: String) -> SimulatorWire.Report {
            SimulatorWire.Report(
                seq: 1, type: "filled", order: state,
                fill: SimulatorWire.FillState(
                    order_id: id, id: 1, price: "69000", quantity: "2", fee: "0", time: 1))
        }
        let strange = memory.hear(report("b2"))
        #expect(strange.allSatisfy { if case .gap = $0 { true } else { false } })
        #expect(!strange.isEmpty && memory.fills.isEmpty)
        #expect(memory.hear(report("b1")).count == 1)
    }

    /// A tax that the broker tells, or does not; one that is no amount is a gap: the fill is asked for.
    @Test(
        arguments: [(nil, nil), ("0", 0), ("7", 7), ("9", 9), ("-1", -1)] as [(String?, Int128?)])
    func aTaxIsTakenAsItIsTold(_ told: String?, _ tax: Int128?) {
        let news = Self.filled(tax: told)
        guard case .report(.filled(let fill)) = news.first, news.count == 1 else {
            return #expect(Bool(false), "\(news)")
        }
        #expect(fill.tax == tax.map { .won($0) } && fill.fee == .won(8))
    }
    @Test(arguments: ["", "-", "nan", "inf", "1e3", "7 won", "1,000"])
    func aTaxThatCannotBeReadKeepsNoFillOut(_ told: String) {
        let fills = Self.filled(tax: told).compactMap { news in
            if case .report(.filled(let fill)) = news { fill } else { nil }
        }
        #expect(fills.count == 1 && fills.allSatisfy { $0.tax == nil })
    }

    /// What is heard of an order that is filled with a fee of 8.
    private static func filled(tax: String?) -> [BrokerNews] {
        var memory = OrderMemory()
        memory.begin(order(1), as: client(1))
        _ = memory.taken(client(1), BrokerOrderID("b1"))
        let state = SimulatorWire.OrderState(
            order_id: "b1", client_id: nil, symbol: "S", side: "buy", quantity: "2", limit: nil,
            filled: "2", filled_value: "138000", state: "filled", placed_at: nil)
        return memory.hear(
            SimulatorWire.Report(
                seq: 1, type: "filled", order: state,
                fill: SimulatorWire.FillState(
                    order_id: "b1", id: 1, price: "69000", quantity: "2", fee: "8", time: 1,
                    tax: tax)))
    }
}
