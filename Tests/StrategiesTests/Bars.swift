import Foundation
import TradingModel

/// `oracles/backtest`: the bars, and the trades that an exact reference made of them.
enum Bars {
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "oracles/backtest")
    }

    static func rows(_ file: String) throws -> [[String]] {
        try String(contentsOf: folder.appending(path: file), encoding: .utf8)
            .split(separator: "\n").dropFirst()
            .map { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
    }

    /// The candles of each symbol in the file's order, by symbol.
    static func candles() throws -> [(symbol: String, candles: [Candle])] {
        var all: [(symbol: String, candles: [Candle])] = []
        for row in try rows("bars_5000.csv") {
            guard let time = Int64(row[0]), let minute = Interval("1m"),
                let open = Price(row[2]), let high = Price(row[3]), let low = Price(row[4]),
                let close = Price(row[5]), let volume = Volume(row[6])
            else { throw CocoaError(.fileReadCorruptFile) }
            if !all.contains(where: { $0.symbol == row[1] }) { all.append((row[1], [])) }
            guard let index = all.firstIndex(where: { $0.symbol == row[1] }) else { continue }
            all[index].candles.append(
                Candle(
                    instrument: InstrumentID(index), interval: minute,
                    openTime: Timestamp(nanoseconds: time), open: open, high: high, low: low,
                    close: close, volume: volume))
        }
        return all
    }
}

/// Rules 5 to 8 of `oracles/README.md` in a few lines: what any engine must do with the signals.
struct Reference {
    struct Trade: Equatable {
        var entry: Int
        var entryPrice: Price
        var exit: Int?
        var exitPrice: Price?
        var fees: Money
        var pnl: Money?
    }
    private(set) var trades: [Trade] = []
    private var pending: Action?
    private var isLong = false
    let quantity: Quantity

    init(quantity: Quantity) { self.quantity = quantity }

    /// Fills what is pending at the event's open, before the strategy sees the event.
    mutating func fill(_ index: Int, at price: Price) throws {
        guard let action = pending else { return }
        pending = nil
        let value = Money(price, times: quantity)
        let fee = try value.fee(microBasisPoints: 5_000_000)
        if action == .buy {
            isLong = true
            trades.append(Trade(entry: index, entryPrice: price, fees: fee))
        } else if let last = trades.indices.last {
            isLong = false
            trades[last].exit = index
            trades[last].exitPrice = price
            trades[last].fees += fee
            trades[last].pnl =
                value - Money(trades[last].entryPrice, times: quantity) - trades[last].fees
        }
    }

    mutating func decide(_ action: Action?) {
        if action == .buy, !isLong { pending = .buy }
        if action == .sell, isLong { pending = .sell }
    }
}

extension Tick {
    static func sample(_ price: Int64, quantity: Int64 = 1) -> Tick {
        Tick(
            instrument: InstrumentID(0), feedTime: .zero,
            price: Price(units: price * fixedPointScale),
            quantity: Quantity(units: quantity * fixedPointScale))
    }
}
