import Brokers
import Foundation
import PaperExchange
import Ports
import TestKit
import Testing
import TradingModel

@testable import MadangSim

/// The venue as a value: no socket, no clock.
@Suite struct VenueTests {
    static let instruments = (0..<2).map { index in
        Instrument(
            id: InstrumentID(index), symbol: "KR000\(index + 1)", market: "KR", currency: "KRW",
            ladder: .krx, lot: .shares(1), timeZone: "Asia/Seoul")
    }
    static func settings(seed: UInt64 = 1) -> SimulatedVenue.Settings {
        SimulatedVenue.Settings(
            account: PaperAccount.Settings(
                exchange: .init(feeMicroBasisPoints: 5_000_000, partialFills: true, seed: seed),
                account: AccountID(0), currency: "KRW", cash: .won(200_000_000)),
            instruments: instruments, seed: seed)
    }
    /// A venue with somebody logged in.
    struct Desk {
        var venue: SimulatedVenue
        let token: String
        var now: Int64 = 0
        init(_ settings: SimulatedVenue.Settings) throws {
            venue = SimulatedVenue(settings)
            let login = SimulatorWire.Login(key: "demo", secret: "demo")
            let made = venue.login(login, at: 0)
            token = try #require(made).token
        }
        mutating func ask(_ path: String, _ query: [String: String] = [:]) -> VenueAnswer {
            venue.answer(VenueRequest(path: path, query: query, token: token), at: now)
        }
        mutating func say(_ path: String, _ body: some Encodable) -> VenueAnswer {
            venue.answer(
                VenueRequest(
                    method: "POST", path: path, token: token, body: SimulatorWire.bytes(body)),
                at: now)
        }
        mutating func place(
            _ client: String? = nil, side: String = "buy", quantity: String = "10",
            limit: String? = "70000"
        ) -> VenueAnswer {
            say(
                "/v1/orders",
                SimulatorWire.NewOrder(
                    client_id: client, symbol: "KR0001", side: side, quantity: quantity,
                    limit: limit))
        }
        mutating func fault(
            _ name: String, _ place: FaultPlace, left: Int? = 1, chance: Int = 1_000_000,
            wait: Int64 = 0
        ) throws {
            let fault = try #require(Fault(name, wait: wait))
            venue.faults.add(
                .init(fault: fault, name: name, place: place, left: left, chance: chance))
        }
    }
    static func code(_ answer: VenueAnswer) -> String? {
        SimulatorWire.read(SimulatorWire.Failure.self, answer.body)?.error.code
    }

    @Test func takesFillsAndCancels() throws {
        var desk = try Desk(Self.settings())
        let placed = desk.place("a")
        #expect(placed.status == 201)
        let order = try #require(SimulatorWire.read(SimulatorWire.OrderState.self, placed.body))
        #expect(order.order_id == "paper-1" && order.client_id == "a" && order.state == "working")
        desk.venue.observe(.tick(.at(1, 70_000)))
        let types = desk.venue.takeOutgoing().map { event in
            if case .report(let report, _) = event { report.type } else { "drop" }
        }
        #expect(types == ["accepted", "filled"])
        #expect(
            Self.code(
                desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: "paper-9", client_id: nil)))
                == "nothing_to_cancel")
        #expect(
            desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: nil, client_id: "a")).status
                == 200)
        #expect(
            Self.code(desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: nil, client_id: "a")))
                == "nothing_to_cancel")
        #expect(Self.code(desk.place("a")) == "duplicate_client_id")
        #expect(Self.code(desk.place("b", limit: "70001")) == "price_rule")
        #expect(Self.code(desk.place("b", quantity: "100000")) == "insufficient")
        #expect(Self.code(desk.place("b", side: "up")) == "bad_request")
        #expect(desk.ask("/v1/nowhere").status == 404)
    }

    @Test(arguments: [("none", 3), ("open", 2), ("always", 1)])
    func clientIDsAreKeptAsFarAsTheModeSays(_ mode: String, _ orders: UInt64) throws {
        var settings = Self.settings()
        settings.clientIDs = mode == "none" ? .none : mode == "open" ? .whileOpen : .always
        var desk = try Desk(settings)
        _ = desk.place("a")
        _ = desk.place("a")
        _ = desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: "paper-1", client_id: nil))
        _ = desk.place("a")
        #expect(desk.venue.ordersMade == orders)
    }

    /// Where sales are taxed each fill tells what of its fee is tax: 18 bps of a sale's value, and none of a buy's.
    @Test(arguments: [0, 18] as [Int64]) func aFillTellsItsTax(_ bps: Int64) throws {
        var exchange = PaperExchange.Settings(feeMicroBasisPoints: 5_000_000)
        exchange.sellTaxMicroBasisPoints = bps * 1_000_000
        var settings = Self.settings()
        settings.account = PaperAccount.Settings(
            exchange: exchange, account: AccountID(0), currency: "KRW", cash: .won(200_000_000))
        var desk = try Desk(settings)
        _ = desk.place("a")
        desk.venue.observe(.tick(.at(1, 70_000)))
        _ = desk.place("b", side: "sell", quantity: "4")
        desk.venue.observe(.tick(.at(2, 70_000)))
        let answer = desk.ask("/v1/fills", ["since": "0"]).body
        let fills = try #require(SimulatorWire.read(SimulatorWire.Fills.self, answer)).fills
        #expect(fills.map(\.tax) == (bps == 0 ? [nil, nil] : ["0", "504"]))
        #expect(fills.map(\.fee) == (bps == 0 ? ["350", "140"] : ["350", "644"]))
        let told = desk.venue.takeOutgoing().compactMap { event in
            if case .report(let report, _) = event { report.fill } else { nil }
        }
        #expect(told == fills)
        // Where there is nothing to tell the message is what it was.
        #expect(String(decoding: answer, as: UTF8.self).contains("tax") == (bps != 0))
    }

    @Test func tokensEndAndTooManyRequestsWait() throws {
        var settings = Self.settings()
        settings.tokenLife = 1_000
        settings.rate = 2
        var desk = try Desk(settings)
        #expect(desk.ask("/v1/time").status == 200)
        desk.now = 999
        #expect(desk.ask("/v1/time").status == 200)
        let over = desk.ask("/v1/time")
        #expect(over.status == 429 && over.retryAfter == 999_999_001)
        desk.now = 1_000_000_001
        #expect(desk.ask("/v1/time").status == 401)
        let guessed = desk.venue.login(.init(key: "demo", secret: "guess"), at: 0)
        #expect(guessed == nil)
    }

    @Test func tokensAreGoodForSoManyRequests() throws {
        var settings = Self.settings()
        settings.tokenUses = 3
        var desk = try Desk(settings)
        for _ in 0..<3 { #expect(desk.ask("/v1/time").status == 200) }
        #expect(desk.ask("/v1/time").status == 401)
    }

    @Test(
        arguments: [
            ("lose_request", 0, VenueAnswer.Way.nothing, 500), ("hang", 0, .never, 500),
            ("error_before", 0, .whole, 500), ("rate_limit", 0, .whole, 429),
            ("maintenance", 0, .whole, 503), ("unauthorized", 0, .whole, 401),
            ("expire_token", 0, .whole, 401), ("lose_reply", 1, .nothing, 201),
            ("time_out", 1, .never, 201), ("error_after", 1, .whole, 500), ("half", 1, .half, 201),
            ("garbage", 1, .whole, 201), ("delay", 1, .whole, 201),
        ] as [(String, UInt64, VenueAnswer.Way, Int)])
    func aFaultStrikesAsItSays(
        _ name: String, _ orders: UInt64, _ way: VenueAnswer.Way, _ status: Int
    ) throws {
        var desk = try Desk(Self.settings())
        try desk.fault(name, .place, wait: 5)
        let answer = desk.place("a")
        #expect(desk.venue.ordersMade == orders)
        #expect(answer.way == way && answer.status == status)
        #expect(answer.delay == (name == "delay" ? 5 : 0))
        #expect(desk.venue.faults.struck == ["place/\(name)": 1] && desk.venue.faults.rules == [])
    }

    @Test func ordersSinceAnInstantHoldTheEndedOnes() throws {
        var desk = try Desk(Self.settings())
        _ = desk.place("a")
        #expect(String(decoding: desk.ask("/v1/orders").body, as: UTF8.self).contains("paper-1"))
        let all = { (desk: inout Desk, since: String) in
            String(decoding: desk.ask("/v1/orders", ["since": since]).body, as: UTF8.self)
        }
        #expect(all(&desk, "0").contains("paper-1"))
        _ = desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: "paper-1", client_id: nil))
        #expect(String(decoding: desk.ask("/v1/orders").body, as: UTF8.self) == #"{"orders":[]}"#)
        #expect(all(&desk, "0").contains("paper-1"))
    }

    @Test func aLaggingCopyDisagrees() throws {
        var desk = try Desk(Self.settings())
        desk.venue.makeCopy()
        _ = desk.place("a")
        try desk.fault("lag", .question, left: 2)
        #expect(String(decoding: desk.ask("/v1/orders").body, as: UTF8.self) == #"{"orders":[]}"#)
        #expect(desk.ask("/v1/order", ["id": "paper-1"]).status == 404)
        #expect(desk.ask("/v1/order", ["id": "paper-1"]).status == 200)
    }

    @Test func reportsAreDoubledSwappedLostAndToldAgain() throws {
        var desk = try Desk(Self.settings())
        func numbers() -> [UInt64] {
            desk.venue.takeOutgoing().compactMap {
                if case .report(let report, _) = $0 { report.seq } else { nil }
            }
        }
        try desk.fault("double", .stream)
        _ = desk.place("a")
        #expect(numbers() == [1, 1])
        try desk.fault("reorder", .stream)
        _ = desk.place("b")
        _ = desk.place("c")
        #expect(numbers() == [3, 2])
        try desk.fault("lose", .stream)
        _ = desk.place("d")
        #expect(numbers() == [])
        #expect(desk.venue.greeting(after: 2).map(\.seq) == [2, 3, 4])
        #expect(desk.venue.greeting(after: nil).map(\.seq) == [4])
        #expect(desk.venue.greeting(after: 99).map(\.seq) == [4])
    }

    /// The same seed, the same day, faults and all; another seed another.
    @Test func aSeedIsADay() throws {
        func day(_ seed: UInt64) throws -> [VenueAnswer] {
            var desk = try Desk(Self.settings(seed: seed))
            try desk.fault("lose_reply", .place, left: nil, chance: 300_000)
            try desk.fault("double", .stream, left: nil, chance: 300_000)
            return (0..<60).map { number in
                for _ in 0..<3 { desk.venue.step() }
                return number % 4 == 3 ? desk.ask("/v1/fills") : desk.place("\(number)", limit: nil)
            }
        }
        #expect(try day(7) == day(7))
        #expect(try day(7) != day(8))
    }

    /// Somebody else in the account: it shows in holdings and cash, and in no report.
    @Test func aStrangersDealShowsInHoldingsAlone() throws {
        var desk = try Desk(Self.settings())
        _ = desk.place("a")
        desk.venue.observe(.tick(.at(1, 70_000)))
        desk.venue.observe(.tick(.at(2, 70_000)))
        desk.venue.observe(.tick(.at(3, 69_000)))
        desk.venue.observe(.tick(.at(4, 69_000)))
        let (reports, cash) = (desk.venue.reportCount, desk.venue.account.cash)
        let held = desk.venue.account.positions.first?.quantity ?? .zero
        #expect(held > .shares(4))
        #expect(
            desk.venue.account.deal(InstrumentID(0), .shares(-4), cash: .won(280_000)) == true)
        #expect(
            desk.venue.account.positions.first?.quantity.units == held.units - 4 * fixedPointScale)
        #expect(desk.venue.account.cash == cash + .won(280_000))
        #expect(desk.venue.account.deal(InstrumentID(0), .shares(-400), cash: .zero) == false)
        #expect(desk.venue.account.deal(nil, .zero, cash: .won(-5)) == true)
        #expect(desk.venue.account.cash == cash + .won(279_995))
        #expect(desk.venue.reportCount == reports, "nobody is told")
    }
}
