import Brokers
import Ports
import TestKit
import Testing
import TradingModel

@testable import MadangSim

/// Ends that nobody asked for, and what is not looked at.
@Suite struct VenueEndTests {
    private typealias Desk = VenueTests.Desk

    private static func desk(
        _ change: (inout SimulatedVenue.Settings) -> Void = { _ in }
    ) throws -> Desk {
        var settings = VenueTests.settings()
        change(&settings)
        return try Desk(settings)
    }
    private static func types(_ desk: inout Desk) -> [String] {
        desk.venue.takeOutgoing().map { event in
            if case .report(let report, _) = event { report.type } else { "drop" }
        }
    }
    private static func state(_ desk: inout Desk, _ client: String) -> String? {
        SimulatorWire.read(
            SimulatorWire.OrderState.self, desk.ask("/v1/order", ["client_id": client]).body)?.state
    }

    @Test func theEndOfTheDayEndsWhatIsOpen() throws {
        var desk = try Self.desk()
        desk.venue.observe(.tick(.at(1, 70_000)))
        #expect(desk.place("a", limit: "60000").status == 201)
        #expect(desk.place("b", limit: "61000").status == 201)
        #expect(
            desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: nil, client_id: "b")).status
                == 200)
        desk.venue.endDay()
        #expect(Self.types(&desk) == ["accepted", "accepted", "cancelled", "expired"])
        #expect(Self.state(&desk, "a") == "expired" && Self.state(&desk, "b") == "cancelled")
        #expect(desk.venue.account.available == desk.venue.account.cash, "nothing is held for it")
        #expect(
            VenueTests.code(
                desk.say("/v1/cancel", SimulatorWire.Cancel(order_id: nil, client_id: "a")))
                == "nothing_to_cancel")
        desk.venue.observe(.tick(.at(2, 50_000)))
        desk.venue.endDay()
        #expect(Self.types(&desk) == [], "it fills no more, and ends once")
    }

    /// By the market's time, at prints and between them, before what the print would fill.
    @Test func anOrderLivesAsLongAsItIsTold() throws {
        var desk = try Self.desk { $0.orderLife = 10_000_000_000 }
        desk.venue.observe(.tick(.at(1, 70_000)))
        #expect(desk.place("a", limit: "60000").status == 201)
        desk.venue.observe(.tick(.at(10, 70_000)))
        #expect(desk.place("b", limit: "60000").status == 201)
        #expect(Self.state(&desk, "a") == "working")
        desk.venue.observe(.tick(.at(11, 50_000)))
        #expect(Self.state(&desk, "a") == "expired")
        #expect(Self.state(&desk, "b") != "expired")
        var quiet = try Self.desk { $0.orderLife = 10_000_000_000 }
        quiet.venue.step()
        #expect(quiet.place("a", limit: "60000").status == 201)
        quiet.venue.passBy(9_000_000_000)
        #expect(Self.state(&quiet, "a") == "working")
        quiet.venue.passBy(1_000_000_000)
        #expect(Self.state(&quiet, "a") == "expired")
    }

    @Test func whatIsNotTakenIsRefusedAtOnce() throws {
        var limits = try Self.desk { $0.terms.orderTypes = [.limit] }
        limits.venue.observe(.tick(.at(1, 70_000)))
        #expect(VenueTests.code(limits.place("a", limit: nil)) == "rejected")
        #expect(limits.place("b").status == 201)
        var units = try Self.desk { $0.terms.unit = .shares(10) }
        #expect(VenueTests.code(units.place("a", quantity: "15")) == "rejected")
        #expect(units.place("b", quantity: "20").status == 201)
        let change = SimulatorWire.Modify(
            order_id: nil, client_id: "b", quantity: "15", limit: "70000")
        #expect(VenueTests.code(units.say("/v1/modify", change)) == "rejected")
    }

    /// Market time zero is nine in the morning in Seoul.
    @Test(arguments: [("08:00-09:00", false), ("09:00-09:01", true), ("09:01-20:00", false)])
    func itsHoursAreSeouls(_ text: String, _ isOpen: Bool) throws {
        let hours = try #require(VenueTerms.Hours(text))
        var desk = try Self.desk { $0.terms.hours = hours }
        desk.venue.observe(.tick(.at(30, 70_000)))
        let answer = desk.place("a")
        #expect((answer.status == 201) == isOpen)
        if !isOpen { #expect(VenueTests.code(answer) == "not_tradable") }
    }
    @Test(arguments: [
        "", "9-10", "09:00", "09:00-08:00", "09:00-09:00", "25:00-26:00", "aa:00-10:00",
    ])
    func whatIsNoSpanIsNoHours(_ text: String) { #expect(VenueTerms.Hours(text) == nil) }

    /// Whoever is turned away at the door takes no fault with him.
    @Test func aFaultWaitsForWhoIsLetIn() throws {
        var desk = try Self.desk { $0.tokenUses = 1 }
        #expect(desk.place("a").status == 201)
        try desk.fault("lose_reply", .place)
        #expect(desk.place("b").status == 401)
        let login = desk.venue.login(SimulatorWire.Login(key: "demo", secret: "demo"), at: 0)
        let token = try #require(login).token
        let order = SimulatorWire.NewOrder(
            client_id: "b", symbol: "KR0001", side: "buy", quantity: "1", limit: "70000")
        let request = VenueRequest(
            method: "POST", path: "/v1/orders", token: token, body: SimulatorWire.bytes(order))
        #expect(desk.venue.answer(request, at: 0).way == .nothing)
        #expect(desk.venue.ordersMade == 2)
    }
}
