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

        mutating func hear(_ report: BrokerReport, quantity: Int64) {
            switch report {
            case .filled(let fill):
                if fill.quantity.units > 0, heard[fill.id] == nil {
                    heard[fill.id] = fill.quantity.units
                }
                if end == nil, filled >= quantity { end = .filled }
                wasAccepted = true
            case .accepted: wasAccepted = wasAccepted || end == nil
            case .cancelled: end = end ?? .cancelled
            case .expired: end = end ?? .expired
            case .rejected: if filled == 0 { end = end ?? .rejected }
            case .failed: if filled == 0, !isTaken { end = end ?? .failed }
            case .unknown: if end == nil { isTaken = false }
            case .cancelAsked: break
            }
            if case .accepted = report, end == nil { isTaken = true }
            if case .filled(let fill) = report, fill.quantity.units > 0, end == nil {
                isTaken = true
            }
        }
        /// Known to be at the broker.
        var isTaken = false
    }

    @Test(arguments: 0..<2_000 as Range<UInt64>)
    func anyReportsInAnyOrder(_ seed: UInt64) {
        var random = SeededRandom(seed)
        let number = OrderNumber(1)
        let whole: Int64 = 6
        var machine = OrderMachine(
            OrderDecision(
                order: Order(
                    number: number, account: AccountID(0), instrument: InstrumentID(0), side: .buy,
                    quantity: Quantity(units: whole), limit: .won(1)),
                source: SourceID(0), position: .start, confidence: .full, reference: .won(1),
                reserved: Money(units: 600), detail: ""))
        var model = Model()
        for _ in 0..<Int.random(in: 1...14, using: &random) {
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
                ] as [BrokerReport])
            let before = machine
            let wasFinal = before.state.isFinal
            model.hear(report, quantity: whole)
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
            }
            #expect(machine.filled.units == model.filled, "\(report)")
            #expect(machine.state.isFinal == (model.end != nil), "\(machine.state): \(report)")
            if let end = model.end { #expect(machine.state == end, "\(report)") }
            if wasFinal { #expect(machine.state == before.state, "an end is an end") }
            #expect(machine.open.units == (model.end == nil ? max(0, whole - model.filled) : 0))
            #expect(machine.reservation == Money(units: Int128(machine.open.units) * 100))
            let again = machine.answer(to: report)
            if case .contradiction = again {
            } else {
                #expect(again == .ignore, "\(report) twice: \(again)")
            }
        }
    }
}
