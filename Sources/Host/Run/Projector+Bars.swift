import Ports

extension Projector {
    /// Whether candles were closed that are rows of the next record.
    var hasBars: Bool { !bars.isEmpty }

    /// Candles that were closed become rows of the record that tells of their steps.
    mutating func takeBars(record: UInt64) {
        for bar in bars {
            rows.append(.bar(BarRow(bar, record: record, symbol: symbol(bar.instrument))))
        }
        bars.removeAll(keepingCapacity: true)
    }
}
