import Kernel
import Ports
import Simulation
import Testing
import TradingModel

/// Changes of open orders: a right history passes, and each promise that is broken by hand is caught.
@Suite struct CheckerChangeTests {
    private let buy = HandMade.order(1, .buy, 10)
    private let up = OrderChange(limit: .won(11), quantity: .shares(12))
    private let down = OrderChange(limit: .won(10), quantity: .shares(4))

    /// Ten at 10 that work, of a thousand.
    private func working(limits: RiskLimits = RiskLimits()) -> HandMade {
        var made = HandMade(limits: limits)
        made.approve(buy)
        made.flush()
        made.send(buy)
        made.accept(buy)
        made.acknowledge(buy)
        return made
    }

    @Test(arguments: [true, false])
    func aRightChangeBreaksNothing(_ isTaken: Bool) {
        var made = working()
        made.change(buy, to: up, free: .won(868))
        made.flush()
        made.sendChange(buy, up)
        if isTaken { made.alter(buy, up) }
        made.answer(buy, up, isTaken: isTaken, free: .won(isTaken ? 868 : 900))
        made.end(buy)
        made.cancelled(buy)
        made.rest()
        #expect(made.violations == [])
    }

    @Test func aChangeThatNobodyApprovedIsCaught() {
        var made = working()
        made.sendChange(buy, up)
        #expect(made.rules.contains(.approval))
        var other = working()
        other.alter(buy, up)
        #expect(other.rules.contains(.approval))
    }

    @Test func aChangeAheadOfTheDiskIsCaught() {
        var made = working()
        made.change(buy, to: up, free: .won(868))
        made.sendChange(buy, up)
        #expect(made.rules.contains(.durable))
    }

    /// What a change frees is free when the broker has taken it, and not before.
    @Test func aReservationThatFallsEarlyIsCaught() {
        var made = working()
        made.change(buy, to: down, free: .won(960))
        #expect(made.rules.first == .reservations)
        var right = working()
        right.change(buy, to: down, free: .won(900))
        #expect(!right.rules.contains(.reservations))
    }

    @Test(arguments: [true, false])
    func anAnswerThatTheBrokerDidNotGiveIsCaught(_ isTaken: Bool) {
        var made = working()
        made.change(buy, to: up, free: .won(868))
        made.flush()
        made.sendChange(buy, up)
        if !isTaken { made.alter(buy, up) }
        made.answer(buy, up, isTaken: isTaken, free: .won(isTaken ? 868 : 900))
        #expect(made.rules.first == .changes)
    }

    @Test func writtenTwiceItIsCaught() {
        var made = working()
        made.change(buy, to: up, free: .won(868))
        made.flush()
        made.sendChange(buy, up)
        made.sendChange(buy, up)
        #expect(made.rules.first == .changes)
    }

    @Test func growingUnderAKillIsCaught() {
        var made = working()
        made.kill()
        made.change(buy, to: down, free: .won(900))
        #expect(!made.rules.contains(.kill))
        var grown = working()
        grown.kill()
        grown.change(buy, to: up, free: .won(868))
        #expect(grown.rules.first == .kill)
    }

    @Test func growingPastALimitIsCaught() {
        var limits = RiskLimits()
        limits.orderValue = .won(130)
        var made = working(limits: limits)
        made.change(buy, to: up, free: .won(868))
        #expect(made.rules.first == .limits)
    }
}

extension HandMade {
    fileprivate mutating func change(_ order: Order, to change: OrderChange, free: Money) {
        guard let before = order.terms else { return }
        addRecorded { record in
            .changeAsked(
                Happening.Change(
                    number: order.number, before: before, after: change,
                    reserved: Money(change.limit, times: change.quantity)), record: record)
        }
        add(.free(free, behindChangeOf: order.number))
    }
    fileprivate mutating func sendChange(_ order: Order, _ change: OrderChange) {
        add(.changeSent(call: 900, broker: 0, order.number, change))
    }
    fileprivate mutating func alter(_ order: Order, _ change: OrderChange) {
        let id = Self.id(of: order)
        add(.altered(broker: 0, id, former: id, order.changed(to: change)))
    }
    fileprivate mutating func answer(
        _ order: Order, _ change: OrderChange, isTaken: Bool, free: Money
    ) {
        let id = Self.id(of: order)
        addRecorded { record in
            isTaken
                ? .changeTaken(order.number, change, id, record: record)
                : .changeRefused(order.number, change, reason: "no", record: record)
        }
        add(.free(free, behindChangeOf: order.number))
    }
}
