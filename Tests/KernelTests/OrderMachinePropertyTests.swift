import TestKit
import Testing
import TradingModel

@testable import Kernel

/// R8.2, R8.5: every report in any order, twice, late, after the end, with wrong quantity, against a few lines.
@Suite struct OrderMachinePropertyTests {
    /// What must hold whatever comes: sets and a sum.
    struct Model {
        var heard: [UInt32: Int64] = [:]
        var end: OrderMachine.State?
        var wasAccepted = false
        var filled: Int64 { heard.values.reduce(0, +) }
        /// Units and what one of them holds: as it is, and as a change on its way would have it.
        var now: (quantity: Int64, price: Int64) = (6, 100)
        var asked: (quantity: Int64, price: Int64)?
        var whole: Int64 { max(now.quantity, asked?.quantity ?? 0) }
        var open: Int64 { end == nil ? max(0, whole - filled) : 0 }
        /// The greater of both.
        var held: Int64 {
            guard end == nil else { return 0 }
            func held(_ terms: (quantity: Int64, price: Int64)) -> Int64 {
                max(0, terms.quantity - filled) * terms.price
            }
            return max(held(now), asked.map { held($0) } ?? 0)
        }

        /// Of an answer to the change that is on its way; any other says nothing.
        mutating func answered(_ change: OrderChange, isTaken: Bool) {
            guard end == nil, let asked, asked.quantity == change.quantity.units,
                asked.price == change.limit.units
            else { return }
            if isTaken { now = asked }
            self.asked = nil
            if filled >= now.quantity { end = .filled }
        }

        mutating func hear(_ report: BrokerReport) {
            switch report {
            case .filled(let fill):
                if fill.quantity.units > 0, heard[fill.id] == nil {
                    heard[fill.id] = fill.quantity.units
                }
                if end == nil, filled >= whole { end = .filled }
                wasAccepted = true
            case .accepted: wasAccepted = wasAccepted || end == nil
            case .cancelled: end = end ?? .cancelled
            case .expired: end = end ?? .expired
            case .rejected: if filled == 0 { end = end ?? .rejected }
            case .failed: if filled == 0, !isTaken { end = end ?? .failed }
            case .unknown: if end == nil { isTaken = false }
            case .cancelAsked: break
            case .changed(_, let change, _): answered(change, isTaken: true)
            case .changeRefused(_, let change, _): answered(change, isTaken: false)
            }
            if end != nil { asked = nil }
            if case .accepted = report, end == nil { isTaken = true }
            if case .filled(let fill) = report, fill.quantity.units > 0, end == nil {
                isTaken = true
            }
        }
        /// Known to be at the broker.
        var isTaken = false
    }

    @Test(arguments: seeds(0..<2_000))
    func anyReportsInAnyOrder(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let number = OrderNumber(1)
        var machine = OrderMachine(
            OrderDecision(
                order: Order(
                    number: number, account: AccountID(0), instrument: InstrumentID(0), side: .buy,
                    quantity: Quantity(units: 6), limit: Price(units: 100)),
                source: SourceID(0), position: .start, confidence: .full, reference: .won(1),
                reserved: Money(units: 600), detail: ""))
        var model = Model()
        for _ in 0..<Int.random(in: 1...18, using: &random) {
            if model.end == nil, model.asked == nil, random.oneIn(4) {
                let wish = (
                    Int64.random(in: model.filled + 1...12, using: &random),
                    random.pick([50, 100, 200] as [Int64])
                )
                model.asked = wish
                machine.applyChangeAsked(
                    OrderChange(limit: Price(units: wish.1), quantity: Quantity(units: wish.0)),
                    reserving: Money(units: Int128(wish.0 * wish.1)))
            }
            // Mostly the one that was asked for; now and then a former or a stranger's.
            let change =
                random.oneIn(4)
                ? OrderChange(limit: Price(units: 50), quantity: Quantity(units: 3))
                : machine.changeAsked
                    ?? OrderChange(limit: Price(units: 100), quantity: Quantity(units: 6))
            let fill = Fill(
                order: number, id: UInt32.random(in: 1...5, using: &random), price: .won(1),
                quantity: Quantity(units: random.pick([-1, 0, 1, 2, 3, 9])), fee: .zero,
                time: .zero)
            let report = random.pick(
                [
                    .accepted(number, BrokerOrderID("b")), .filled(fill), .filled(fill),
                    .cancelled(number, reason: ""), .rejected(number, reason: ""),
                    .expired(number, reason: ""), .failed(number, reason: ""),
                    .unknown(number, reason: ""), .cancelAsked(number, reason: ""),
                    .changed(number, change, BrokerOrderID("b")),
                    .changed(number, change, BrokerOrderID("c")),
                    .changeRefused(number, change, reason: ""),
                ] as [BrokerReport])
            let before = machine
            let wasFinal = before.state.isFinal
            model.hear(report)
            let answer = machine.answer(to: report)
            switch answer {
            case .ignore, .contradiction: break
            case .submitted: machine.applySubmitted()
            case .book(let fill, let odd):
                machine.apply(fill)
                if wasFinal { #expect(odd != nil) }
            case .ended(let state, _): machine.applyEnd(state)
            case .inDoubt: machine.applyInDoubt()
            case .cancelAsked: machine.applyCancelAsked()
            case .changed: machine.applyChangeTaken()
            case .changeRefused: machine.applyChangeRefused()
            }
            switch answer {
            // As the kernel does: fills before the answer may have been all.
            case .changed, .changeRefused: if machine.open == .zero { machine.applyEnd(.filled) }
            default: break
            }
            #expect(machine.filled.units == model.filled, "\(report)")
            #expect(machine.state.isFinal == (model.end != nil), "\(machine.state): \(report)")
            if let end = model.end { #expect(machine.state == end, "\(report)") }
            if wasFinal { #expect(machine.state == before.state, "an end is an end") }
            #expect(machine.open.units == model.open, "\(report)")
            #expect(machine.reservation == Money(units: Int128(model.held)), "\(report)")
            #expect((machine.changeAsked == nil) == (model.asked == nil), "\(report)")
            let again = machine.answer(to: report)
            if case .contradiction = again {
            } else {
                #expect(again == .ignore, "\(report) twice: \(again)")
            }
        }
    }
}
