import BenchmarkKit
import Foundation
import TradingModel

/// `bench/gen.py`'s ticks, as it writes them for the ceiling: five columns of 64-bit integers.
struct Tape {
    let ticks: [Tick]
    let path: String

    init(path: String) {
        self.path = path
        guard let data = FileManager.default.contents(atPath: path), data.count > 128 else {
            giveUp("\(path) is missing or empty")
        }
        let count = (data.count - 128) / 40
        ticks = data.dropFirst(128).withUnsafeBytes { bytes in
            func value(_ column: Int, _ row: Int) -> Int64 {
                bytes.loadUnaligned(fromByteOffset: (column * count + row) * 8, as: Int64.self)
            }
            return (0..<count).map { row in
                Tick(
                    instrument: InstrumentID(Int(value(1, row))),
                    feedTime: Timestamp(nanoseconds: value(0, row)),
                    price: Price(units: value(2, row) * 100_000_000),
                    quantity: Quantity(units: value(3, row) * 100_000_000),
                    aggressor: value(4, row) == 1 ? .buyer : .seller)
            }
        }
    }
}
