import Ports
import TradingModel

/// What an account holds of a symbol, from its fills, corrections and splits alone.
struct Holding {
    var account: String
    var symbol: String
    var currency: String
    var held = Quantity.zero
    /// What it cost, fees of buying included.
    var cost = Money.zero
    var realised = Money.zero
    var fees = Money.zero
    var fills = 0
    var corrections: [LedgerRow] = []
    /// Of the last fill; before the first, of the correction.
    var price = Price.zero
    var time = Timestamp.zero
    /// The account's, behind the last fill.
    var cash = Money.zero

    /// By account and symbol, in the order of their first fills.
    static func all(in ledger: [LedgerRow]) -> [Holding] {
        var places: [[String]: Int] = [:]
        var holdings: [Holding] = []
        // Of cash alone nothing is held.
        for row in ledger where !row.symbol.isEmpty {
            let key = [row.account, row.symbol]
            let place = places[key] ?? holdings.count
            if place == holdings.count {
                places[key] = place
                holdings.append(
                    Holding(account: row.account, symbol: row.symbol, currency: row.currency))
            }
            holdings[place].take(row)
        }
        return holdings
    }

    private mutating func take(_ row: LedgerRow) {
        switch row.kind {
        case .fill: break
        case .correction: return correct(row)
        case .split: return held = row.positionAfter  // for the same cost
        }
        let value = Money(row.price, times: row.quantity)
        // A sale's share of the cost is what its value and fee leave beside the profit.
        cost = row.side == .buy ? cost + value + row.fee : cost - (value - row.fee - row.realised)
        if row.positionAfter == .zero { cost = .zero }
        held = row.positionAfter
        realised += row.realised
        fees += row.fee
        fills += 1
        price = row.price
        time = row.time
        cash = row.cashAfter
    }

    private mutating func correct(_ row: LedgerRow) {
        corrections.append(row)
        held = row.positionAfter
        cost = row.costAfter ?? .zero
        cash = row.cashAfter
        guard fills == 0 else { return }
        price = row.price
        time = row.time
    }

    /// Cost for one, rounded toward zero; `nil` when nothing is held.
    var average: Price? {
        held.units == 0 ? nil : Price(units: Int64(clamping: cost.units / Int128(held.units)))
    }
}
