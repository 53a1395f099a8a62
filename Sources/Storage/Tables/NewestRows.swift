import Ports
import TradingModel

/// Which rows of a batch are written: of those that replace each other the last alone.
///
/// A result stands as a vote, is replaced, and both are told in one batch as often as not; so are an order and
/// its fill. Nobody reads what stood between, and each write touches every index of its table.
enum NewestRows {
    private enum Key: Hashable {
        case signal(EventPosition, String, account: String, symbol: String, Int)
        case order(OrderNumber)

        /// Several of one event are few: their names are compared, and not hashed.
        func hash(into hasher: inout Hasher) {
            switch self {
            case .signal(let position, _, _, _, _): hasher.combine(position)
            case .order(let number): hasher.combine(number)
            }
        }

        init?(_ row: ProjectionRow) {
            switch row {
            case .signal(let row):
                self = .signal(
                    row.position, row.source, account: row.account, symbol: row.symbol, row.index)
            case .order(let row): self = .order(row.number)
            case .ledger, .risk, .round, .event, .shadow, .version, .bar: return nil
            }
        }
    }

    /// - Parameter applied: Rows of records at or below it are not written.
    /// - Returns: Indices in `rows`, in the order of writing: the last of its key in the place of the first,
    ///   as tables number their rows.
    static func indices(of rows: [ProjectionRow], behind applied: UInt64) -> [Int] {
        var indices: [Int] = []
        indices.reserveCapacity(rows.count)
        var places: [Key: Int] = [:]
        for index in rows.indices where rows[index].record > applied {
            guard let key = Key(rows[index]) else {
                indices.append(index)
                continue
            }
            if let place = places[key] {
                indices[place] = index
            } else {
                places[key] = indices.count
                indices.append(index)
            }
        }
        return indices
    }
}
