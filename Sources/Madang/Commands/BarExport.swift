import Platform
import Ports
import TradingModel

/// `madang store bars`: the closed candles that a run kept, a line each, exactly.
enum BarExport {
    /// Named as a feed reads them: the file is a recording of candles.
    private static let names = ["time", "symbol", "open", "high", "low", "close", "volume"]

    static func run(_ command: CommandInvocation) throws {
        let reading = try StoreReading(command)
        let symbol = command.arguments.first ?? ""
        let text = command.value(of: CommandLineShape.barInterval) ?? ""
        guard let interval = Interval(text) else {
            throw RunError(
                .usage, "--interval \(text) is no interval\n  write 30s, 1m, 1h or 1d")
        }
        let bars = try reading.read { (store) throws(StoreError) in
            try store.bars(of: symbol, interval: "\(interval)")
        }
        guard !bars.isEmpty else {
            throw RunError(
                .refused,
                "run \(reading.store.runID) has no bars of \(interval) of '\(symbol)' in its tables"
                    + "\n  store: bars: [\(interval)] keeps them, from the beginning of a run")
        }
        let isJSON = command.has(CommandLineShape.json)
        if !isJSON { StandardOutput.write(line: names.joined(separator: ",")) }
        for bar in bars {
            if StandardOutput.isGone { return }
            StandardOutput.write(line: isJSON ? json(bar) : row(bar))
        }
    }

    private static func cells(_ bar: BarRow) -> [String] {
        [
            LedgerExport.instant(bar.openTime), bar.symbol, "\(bar.open)", "\(bar.high)",
            "\(bar.low)", "\(bar.close)", "\(bar.volume)",
        ]
    }

    private static func row(_ bar: BarRow) -> String {
        cells(bar).map(TradesFile.field).joined(separator: ",")
    }

    private static func json(_ bar: BarRow) -> String {
        let members = zip(names, cells(bar)).map { "\"\($0)\":\(jsonText($1))" }
        return "{" + members.joined(separator: ",")
            + ",\"interval\":\(jsonText(bar.interval)),\"time_ns\":\(bar.openTime.nanoseconds)}"
    }
}
