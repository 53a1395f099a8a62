import Orders
import Ports
import TestKit
import Testing
import TradingModel

/// R8.2 to R8.4: whatever the line does, no order is doubled, no fill is lost, and everything comes to an end.
@Suite struct DeskPropertyTests {
    static let kinds:
        [(
            BrokerCapabilities.ClientOrderIDs, BrokerCapabilities.FillHistory,
            BrokerCapabilities.Changes
        )] = [
            (.always, .each, .keepNumber), (.always, .totals, .makeNumber),
            (.none, .each, .makeNumber), (.none, .totals, .keepNumber),
            (.always, .each, .makeNumber), (.none, .each, .keepNumber),
        ]

    @Test(arguments: 0..<6)
    func nothingIsLostOrDoubledOnABadLine(_ kind: Int) {
        let (ids, fills, changes) = Self.kinds[kind]
        var answers: [Bool: Int] = [:]
        var faults: [DeskWorld.Fault: Int] = [:]
        var (restarts, persons) = (0, 0)
        for seed in seeds(0..<150) {
            var world = DeskWorld(
                seed: seed * 6 + UInt64(kind), ids: ids, fills: fills,
                changes: changes)
            live(&world)
            let complaints = complaints(of: world)
            #expect(complaints == [], "seed \(seed), kind \(kind):\n\(told(world, complaints))")
            guard complaints.isEmpty else { return }
            faults.merge(world.faults, uniquingKeysWith: +)
            restarts += world.restarts
            for change in world.books.changes { answers[change.isTaken, default: 0] += 1 }
            persons += world.persons
        }
        #expect(faults.count == DeskWorld.Fault.allCases.count, "\(faults)")
        #expect(restarts > 100)
        #expect(answers[true, default: 0] > 50 && answers[false, default: 0] > 20, "\(answers)")
        if ids == .none { #expect(persons > 0) }
    }

    /// The history of the first order that is complained of.
    private func told(_ world: DeskWorld, _ complaints: [String]) -> String {
        let words = complaints.first?.split(separator: " ").map(String.init) ?? []
        let number = words.count > 1 ? words[1].filter(\.isNumber) : ""
        let lines = world.history.filter { line in
            [
                "of: \(number))", "number: \(number),", "order: \(number),", "(\(number), ",
                "order \(number) ",
                "restart", "gap", "answer",
            ].contains { line.contains($0) } && !line.contains("eartbeat")
        }
        return lines.joined(separator: "\n")
    }

    private func live(_ world: inout DeskWorld) {
        var number: UInt64 = 0
        let isKilled = world.random.oneIn(4)
        for round in 0..<12 {
            for _ in 0..<Int.random(in: 0...2, using: &world.random) {
                number += 1
                let side = world.random.pick([Side.buy, .sell])
                // Somebody will trade the same by hand. Nothing else looks like it.
                let isTwin = world.random.oneIn(8)
                let order = Order(
                    number: OrderNumber(number), account: AccountID(0),
                    instrument: InstrumentID(Int.random(in: 0...1, using: &world.random)),
                    side: side, quantity: .shares(Int64.random(in: 1...3, using: &world.random)),
                    limit: isTwin
                        ? .won(1_000 + Int64(number)) : world.random.pick([nil, .won(100)]))
                let until = world.random.oneIn(4) ? world.now.advanced(by: .seconds(6)) : nil
                world.order(order, opens: side == .buy, validUntil: until)
            }
            if round == 7, isKilled { world.tell(.kill(true, reason: "a person")) }
            let end = world.now.advanced(
                by: .seconds(Int64.random(in: 1...20, using: &world.random)))
            while world.step(until: end) { market(&world) }
            world.now = max(world.now, end)
            if world.random.oneIn(6) { world.breakLine() }
            if world.random.oneIn(8) { world.restart() }
            if number > 0, world.random.oneIn(3) {
                let victim = OrderNumber(UInt64.random(in: 1...number, using: &world.random))
                world.tell(.cancel(victim, reason: "somebody"))
            }
            for each in 1...max(1, number) where world.random.oneIn(4) {
                world.change(
                    OrderNumber(each),
                    to: OrderChange(
                        // A price of its own: the market fills at any.
                        limit: .won(200 + Int64(each)),
                        quantity: .shares(Int64.random(in: 1...5, using: &world.random))))
            }
        }
        calmDown(&world)
    }

    private func market(_ world: inout DeskWorld) {
        guard !world.broker.orders.isEmpty, world.random.oneIn(4) else { return }
        let index = Int.random(in: 0..<world.broker.orders.count, using: &world.random)
        world.broker.fill(index, world.random.oneIn(2) ? 100_000_000 : 300_000_000, at: world.now)
    }

    /// From here on everything works, and persons answer.
    private func calmDown(_ world: inout DeskWorld) {
        world.isCalm = true
        for _ in 0..<12 {
            let end = world.now.advanced(by: .seconds(60))
            while world.step(until: end) {}
            world.now = max(world.now, end)
            for logged in world.books.logged where logged.end == nil {
                if world.desk.isWaitingForPerson(logged.approved.number) {
                    world.askPerson(logged.approved.number)
                }
                // As the kernel says of what is past its age.
                world.tell(.cancel(logged.approved.number, reason: "it is too old"))
            }
        }
    }

    private func complaints(of world: DeskWorld) -> [String] {
        var found = world.violations + world.books.violations
        for (at, logged) in world.books.logged.enumerated() {
            let number = logged.approved.number
            let client = logged.approved.client
            let held = world.broker.orders.filter { $0.client == client }
            if held.count > 1 { found.append("order \(number) is \(held.count) at the broker") }
            if logged.end == nil { found.append("order \(number) never ends") }
            let truth = held.first?.filled ?? 0
            if world.books.filled(at) != truth {
                found.append("order \(number): \(world.books.filled(at)) booked, \(truth) filled")
            }
            let value = logged.fills.reduce(Int128(0)) {
                $0 + Int128($1.price.units) * Int128($1.quantity.units)
            }
            if world.capabilities.fillHistory == .each, value != held.first?.value ?? 0 {
                found.append("order \(number): the value of its fills differs")
            }
            // What was said of changes is what the broker did.
            if let there = held.first, let terms = there.order.terms,
                terms != logged.approved.order.terms, logged.end != .cancelled, logged.change == nil
            {
                found.append(
                    "order \(number) is \(terms) at the broker, and \(logged.approved.order.terms.map { "\($0)" } ?? "-") here"
                )
            }
            let taken = world.books.changes.filter {
                $0.order == logged.approved.number && $0.isTaken
            }
            if taken.map(\.change) != (held.first?.changes ?? []).prefix(taken.count).map(\.self) {
                found.append("order \(number): changes that were never made are taken: \(taken)")
            }
            if held.first?.state == .working {
                found.append("order \(number) still works at the broker")
            }
        }
        return found
    }
}
