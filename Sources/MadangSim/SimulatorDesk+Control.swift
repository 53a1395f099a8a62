import Brokers
import Foundation
import HTTPTransport
import TradingModel

/// What a test or a person asks of the simulator itself.
enum ControlWire {
    struct Print: Codable {
        var symbol: String
        var price: String
        var quantity: String?
    }
    struct Walk: Codable { var prints: Int }
    struct Pass: Codable { var seconds: Int64 }
    /// Somebody else in the account: shares at a price, money, or both; below zero they go.
    struct Deal: Codable {
        var symbol: String?
        var quantity: String?
        var price: String?
        var cash: String?
    }
    struct FaultOrder: Codable {
        var fault: String
        var on: String
        var count: Int?
        /// Millionths.
        var chance: Int?
        var wait_ms: Int64?
    }
    struct State: Codable {
        var reports: UInt64
        var orders: UInt64
        var open_orders: Int
        var lines: Int
        /// Orders that wait to strike still.
        var faults: [String]
        /// How often each has struck, by place and name.
        var struck: [String: Int]
    }
}

extension SimulatorDesk {
    func answerControl(_ request: HTTPServerRequest) -> VenueAnswer {
        guard request.bearer == control else {
            return .failure(401, "unauthorized", "the control token is needed")
        }
        return state.withLock { state in
            state.venue.pass(to: clock.utc() &+ state.ahead)
            let answer = carryOut(request, &state)
            say(&state)
            return answer
        }
    }

    /// A year; a hundred of them at most in a life.
    private static let longestPass: Int64 = 31_536_000

    private func carryOut(
        _ request: HTTPServerRequest, _ state: inout SimulatorService.State
    ) -> VenueAnswer {
        switch (request.method, request.path) {
        case ("GET", "/control/state"): break
        case ("POST", "/control/market"):
            guard let print = SimulatorWire.read(ControlWire.Print.self, request.body),
                let price = Price(print.price), price.units > 0,
                let quantity = Quantity(print.quantity ?? "1"), quantity.isPositive,
                let instrument = state.venue.settings.instruments.first(where: {
                    $0.symbol == print.symbol
                })
            else {
                return .failure(
                    400, "bad_request", "symbol of this market, price and quantity above zero")
            }
            let time = state.venue.walk.take(instrument.id, price)
            state.venue.observe(
                .tick(
                    Tick(
                        instrument: instrument.id, feedTime: Timestamp(nanoseconds: time),
                        price: price, quantity: quantity)))
        case ("POST", "/control/walk"):
            guard let walk = SimulatorWire.read(ControlWire.Walk.self, request.body),
                (1...100_000).contains(walk.prints)
            else { return .failure(400, "bad_request", "prints is 1 to 100000") }
            for _ in 0..<walk.prints { state.venue.step() }
        case ("POST", "/control/pass"):
            guard let pass = SimulatorWire.read(ControlWire.Pass.self, request.body),
                (1...Self.longestPass).contains(pass.seconds),
                state.ahead <= Self.longestPass * 1_000_000_000 * 100
            else {
                return .failure(400, "bad_request", "seconds is 1 to \(Self.longestPass)")
            }
            state.ahead += pass.seconds * 1_000_000_000
            state.venue.passBy(pass.seconds * 1_000_000_000)
            state.venue.pass(to: clock.utc() &+ state.ahead)
        case ("POST", "/control/expire"): state.venue.endDay()
        case ("POST", "/control/deal"):
            if let refusal = deal(request.body, &state) { return refusal }
        case ("POST", "/control/faults"):
            if let refusal = add(request.body, &state) { return refusal }
        case ("POST", "/control/clear"): state.venue.faults.clear()
        case ("POST", "/control/drop"): for line in state.lines.values { line.tear() }
        default: return .failure(404, "not_found", "no \(request.method) \(request.path) here")
        }
        return VenueAnswer(200, Self.describe(state))
    }

    private func deal(_ body: [UInt8], _ state: inout SimulatorService.State) -> VenueAnswer? {
        guard let deal = SimulatorWire.read(ControlWire.Deal.self, body),
            let quantity = Quantity(deal.quantity ?? "0"), let price = Price(deal.price ?? "0"),
            let cash = Money(deal.cash ?? "0"),
            (deal.symbol == nil) == (quantity == .zero), quantity != .zero || cash != .zero,
            price.units >= 0
        else {
            return .failure(
                400, "bad_request",
                "symbol with quantity and price, or cash; below zero they go; all as text")
        }
        var instrument: InstrumentID?
        if let symbol = deal.symbol {
            instrument = state.venue.settings.instruments.first { $0.symbol == symbol }?.id
            guard instrument != nil else {
                return .failure(422, "not_tradable", "no symbol \(symbol)")
            }
        }
        guard
            state.venue.account.deal(
                instrument, quantity, cash: cash - Money(price, times: quantity))
        else {
            return .failure(422, "insufficient", "that much is not there, or is being sold")
        }
        return nil
    }

    private func add(_ body: [UInt8], _ state: inout SimulatorService.State) -> VenueAnswer? {
        guard let order = SimulatorWire.read(ControlWire.FaultOrder.self, body) else {
            return .failure(400, "bad_request", "fault and on are needed, as JSON")
        }
        guard let place = FaultPlace(rawValue: order.on) else {
            let places = FaultPlace.allCases.map(\.rawValue).joined(separator: ", ")
            return .failure(400, "bad_request", "on is one of \(places)")
        }
        let wait = (order.wait_ms ?? 0).multipliedReportingOverflow(by: 1_000_000)
        guard !wait.overflow, wait.partialValue >= 0,
            let fault = Fault(order.fault, wait: wait.partialValue)
        else {
            let known = Fault.names.joined(separator: ", ")
            return .failure(400, "bad_request", "fault is one of \(known); wait_ms from 0")
        }
        guard fault.suits(place) else {
            return .failure(400, "bad_request", "\(order.fault) means nothing on \(order.on)")
        }
        guard order.count ?? 1 > 0, (0...1_000_000).contains(order.chance ?? 0) else {
            return .failure(400, "bad_request", "count is above 0, chance 0 to 1000000")
        }
        if fault == .lag { state.venue.makeCopy() }
        let left = order.count ?? (order.chance == nil ? 1 : nil)
        state.venue.faults.add(
            FaultPlan.Rule(
                fault: fault, name: order.fault, place: place, left: left,
                chance: order.chance ?? 1_000_000))
        return nil
    }

    private static func describe(_ state: SimulatorService.State) -> ControlWire.State {
        ControlWire.State(
            reports: state.venue.reportCount, orders: state.venue.ordersMade,
            open_orders: state.venue.account.openOrders.count, lines: state.lines.count,
            faults: state.venue.faults.rules.map { "\($0.name) on \($0.place.rawValue)" },
            struck: state.venue.faults.struck)
    }
}
