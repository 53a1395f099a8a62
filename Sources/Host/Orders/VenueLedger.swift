import Kernel
import Orders
import Ports
import TradingModel

/// Which broker has which order, what is held there, and what is in doubt there: from facts alone.
struct VenueLedger {
    private struct Open {
        let order: Order
        let desk: Int
        /// As it is now, and as a change on its way would have it: it may come to the greater of both.
        var quantity: Int64
        var changed: Int64?
        var filled: Int64 = 0
        var left: Int64 { max(0, max(quantity, changed ?? 0) - filled) }
        var isDoubtful = false
    }
    /// By desk and instrument.
    private var holdings: [[Int64]]
    /// Of `holdings`, what open sales may take.
    private var selling: [[Int64]]
    private var openOrders: [OrderNumber: Open] = [:]
    private var doubts: [Int]
    /// Of orders that have ended too, for fills that come behind the end.
    private var homes: [OrderNumber: (order: Order, desk: Int)] = [:]
    /// Of those that are known no more: what may fill all the same.
    private var oldHomes = OldOrders<(order: Order, desk: Int)>()
    /// Of ended ones, those with something open.
    private var short: Set<OrderNumber> = []
    private var ended: [OrderNumber] = []
    private static let endedKept = 4_096

    init(desks: Int, instruments: Int) {
        holdings = Array(repeating: Array(repeating: 0, count: instruments), count: desks)
        selling = holdings
        doubts = Array(repeating: 0, count: desks)
    }

    // MARK: Changes

    mutating func route(_ order: Order, to desk: Int) {
        homes[order.number] = (order, desk)
        openOrders[order.number] = Open(order: order, desk: desk, quantity: order.quantity.units)
        if order.side == .sell { selling[desk][at(order)] += order.quantity.units }
    }

    /// - Returns: The order that it ends.
    @discardableResult mutating func take(_ fact: Fact) -> OrderNumber? {
        switch fact {
        case .filled(let fill, _): return fill.quantity.isPositive ? book(fill) : nil
        case .orderEnded(let number, _, _):
            end(number)
            return number
        case .inDoubt(let number, _): setDoubt(of: number, true)
        case .submitted(let number, _): setDoubt(of: number, false)
        case .change(let fact): take(fact)
        case .exit(.split(let instrument, let new, let old)): split(instrument, new, old)
        case .corrected(let correction): correct(correction.order)
        default: break
        }
        return nil
    }

    private mutating func book(_ fill: Fill) -> OrderNumber? {
        guard let (order, desk) = homes[fill.order] ?? oldHomes[fill.order] else { return nil }
        // Numbers from outside: two brokers may tell what comes to more than any book holds.
        let (sum, isOut) = holdings[desk][at(order)].addingReportingOverflow(
            fill.quantity.units * order.side.sign)
        holdings[desk][at(order)] = isOut ? (order.side == .buy ? .max : .min) : sum
        setDoubt(of: fill.order, false)
        guard var open = openOrders[fill.order] else { return nil }
        let part = min(open.left, fill.quantity.units)
        if order.side == .sell { selling[desk][at(order)] -= part }
        open.filled += part
        openOrders[fill.order] = open
        guard open.left == 0 else { return nil }
        end(fill.order)
        return fill.order
    }

    /// The kernel ends by itself what is full behind it.
    private mutating func take(_ fact: ChangeFact) {
        guard var open = openOrders[fact.number] else { return }
        let before = open.left
        switch fact {
        case .notApproved: return
        case .asked(let decision): open.changed = decision.after.quantity.units
        case .taken(_, let change, _): (open.quantity, open.changed) = (change.quantity.units, nil)
        case .refused: open.changed = nil
        }
        if open.order.side == .sell {
            selling[open.desk][at(open.order)] += open.left - before
        }
        openOrders[fact.number] = open
    }

    /// As the kernel's position: a fraction left over is dropped.
    private mutating func split(_ instrument: InstrumentID, _ new: Int64, _ old: Int64) {
        let index = Int(instrument.index)
        guard new > 0, old > 0 else { return }
        for desk in holdings.indices where holdings[desk].indices.contains(index) {
            let units = Int128(holdings[desk][index]) * Int128(new) / Int128(old)
            holdings[desk][index] = Int64(clamping: units)
        }
    }

    private mutating func correct(_ order: CorrectionOrder) {
        guard case .holding(let instrument, _, let stated) = order.difference,
            holdings.indices.contains(order.broker)
        else { return }
        holdings[order.broker][Int(instrument.index)] = stated.units
    }

    private mutating func end(_ number: OrderNumber) {
        setDoubt(of: number, false)
        guard let open = openOrders.removeValue(forKey: number) else { return }
        if open.order.side == .sell { selling[open.desk][at(open.order)] -= open.left }
        ended.append(number)
        if open.left > 0 { short.insert(number) }
        guard ended.count >= 2 * Self.endedKept else { return }
        for old in ended.prefix(Self.endedKept) {
            guard let home = homes.removeValue(forKey: old), short.remove(old) != nil else {
                continue
            }
            oldHomes.keep(home, as: old)
        }
        ended.removeFirst(Self.endedKept)
    }

    private mutating func setDoubt(of number: OrderNumber, _ isDoubtful: Bool) {
        guard let open = openOrders[number], open.isDoubtful != isDoubtful else { return }
        openOrders[number]?.isDoubtful = isDoubtful
        doubts[open.desk] += isDoubtful ? 1 : -1
    }

    private func at(_ order: Order) -> Int { Int(order.instrument.index) }

    // MARK: Views

    func home(of number: OrderNumber) -> Int? { (homes[number] ?? oldHomes[number])?.desk }
    func held(_ instrument: InstrumentID, at desk: Int) -> Quantity {
        Quantity(units: holdings[desk][Int(instrument.index)])
    }
    /// Less what open and doubtful sales may take.
    func free(_ instrument: InstrumentID, at desk: Int) -> Quantity {
        let index = Int(instrument.index)
        let (free, isOut) = holdings[desk][index].subtractingReportingOverflow(
            selling[desk][index])
        return isOut ? .zero : Quantity(units: free)
    }
    /// Why a sale cannot grow there: of two brokers the one that has the order may hold less than both together, which
    /// is what the kernel knows; `nil`: it can, or does not grow.
    func shortage(at desk: Int, for number: OrderNumber, _ change: OrderChange) -> String? {
        guard let open = openOrders[number], open.order.side == .sell,
            change.quantity.units > open.quantity
        else { return nil }
        let index = at(open.order)
        let (free, isOut) = holdings[desk][index].subtractingReportingOverflow(
            selling[desk][index] - open.left)
        let most = isOut ? 0 : free
        let left = change.quantity.units - open.filled
        guard left > most else { return nil }
        return
            "has \(Quantity(units: most)) of it for this sale, and \(Quantity(units: left)) are to be sold"
    }
    func doubts(at desk: Int) -> Int { doubts[desk] }
    func isQuiet(at desk: Int) -> Bool { !openOrders.values.contains { $0.desk == desk } }
    var open: [OrderNumber] { openOrders.keys.sorted() }

    /// The same for an order that is known here.
    func isDoubted(_ number: OrderNumber, elsewhereThan desk: Int) -> Bool {
        homes[number].map { isDoubted($0.order, elsewhereThan: desk) } ?? false
    }

    /// Whether an order of the same account and instrument is in doubt at another broker: a desk knows its own.
    func isDoubted(_ order: Order, elsewhereThan desk: Int) -> Bool {
        guard doubts.indices.contains(where: { $0 != desk && doubts[$0] > 0 }) else { return false }
        return openOrders.values.contains {
            $0.isDoubtful && $0.desk != desk && $0.order.instrument == order.instrument
                && $0.order.account == order.account
        }
    }
}
