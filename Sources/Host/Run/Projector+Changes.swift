import Kernel
import Ports
import TradingModel

/// Changes of open orders in the tables: an order with one on its way says so, and holds the greater of both terms.
extension Projector {
    mutating func ask(_ decision: ChangeDecision, _ words: ChangeWords, _ record: UInt64) {
        let number = decision.number
        asked[number] = decision
        heldBefore[number] = orders[number]?.reserved
        change(number, record) { row in
            guard !Self.isEnd(row.state) else { return }
            if row.state == "submitted" || row.state == "partlyFilled" {
                row.state = "changePending"
            }
            row.reserved = max(row.reserved, decision.reserved)
        }
    }

    /// The row is what the order is now.
    mutating func take(_ change: OrderChange, of number: OrderNumber, _ record: UInt64) {
        let reserved = asked[number]?.reserved
        endChange(of: number)
        self.change(number, record) { row in
            row.quantity = change.quantity
            row.limit = change.limit
            row.reserved = reserved ?? row.reserved
            Self.settle(&row)
        }
    }

    mutating func takeRefusal(of number: OrderNumber, _ record: UInt64) {
        let before = heldBefore[number]
        endChange(of: number)
        change(number, record) { row in
            row.reserved = before ?? row.reserved
            Self.settle(&row)
        }
    }

    mutating func endChange(of number: OrderNumber) {
        asked[number] = nil
        heldBefore[number] = nil
    }

    private static func settle(_ row: inout OrderRow) {
        guard row.state == "changePending" else { return }
        row.state = row.filled == .zero ? "submitted" : "partlyFilled"
    }
}
