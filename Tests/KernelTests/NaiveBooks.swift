import Kernel
import TradingModel

/// Cash, positions and reservations kept from facts by plain sums: what any books must come to.
struct NaiveBooks {
    struct Line: Equatable {
        var held: Int64 = 0
        var cost: Int128 = 0
        var realised: Int128 = 0
    }
    private(set) var cash: [AccountID: Int128]
    private(set) var lines: [DeskKey: Line] = [:]
    private var open: [OrderNumber: (order: Order, reserved: Int128, filled: Int64)] = [:]

    init(_ plan: KernelPlan) {
        cash = [:]
        for (index, account) in plan.accounts.enumerated() {
            cash[AccountID(index)] = account.cash.units
        }
    }

    mutating func take(_ fact: Fact) {
        switch fact {
        case .ordered(let decision):
            open[decision.order.number] = (decision.order, decision.reserved.units, 0)
        case .orderEnded(let number, _, _): open[number] = nil
        case .filled(let fill, _): take(fill)
        default: break
        }
    }

    private mutating func take(_ fill: Fill) {
        guard var entry = open[fill.order] else { return }
        let key = DeskKey(account: entry.order.account, instrument: entry.order.instrument)
        var line = lines[key] ?? Line()
        let value = Int128(fill.price.units) * Int128(fill.quantity.units)
        if entry.order.side == .buy {
            cash[key.account, default: 0] -= value + fill.fee.units
            line.cost += value + fill.fee.units
            line.held += fill.quantity.units
        } else {
            let share = line.cost * Int128(fill.quantity.units) / Int128(line.held)
            cash[key.account, default: 0] += value - fill.fee.units
            line.realised += value - fill.fee.units - share
            line.cost -= share
            line.held -= fill.quantity.units
        }
        lines[key] = line
        entry.filled += fill.quantity.units
        open[fill.order] = entry.filled == entry.order.quantity.units ? nil : entry
    }

    func reserved(_ account: AccountID) -> Int128 {
        open.values.filter { $0.order.account == account }.reduce(0) { sum, entry in
            let quantity = Int128(entry.order.quantity.units)
            return sum + entry.reserved * (quantity - Int128(entry.filled)) / quantity
        }
    }

    func working(_ key: DeskKey, _ side: Side) -> Int64 {
        open.values
            .filter {
                $0.order.side == side && $0.order.account == key.account
                    && $0.order.instrument == key.instrument
            }
            .reduce(0) { $0 + $1.order.quantity.units - $1.filled }
    }
}
