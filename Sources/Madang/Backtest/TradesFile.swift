import Backtest
import Kernel
import TradingModel

/// Round trips as CSV, a row each, by symbol and entry; the exit of an open one is empty.
enum TradesFile {
    static let head =
        "symbol,qty,entry_index,entry_ts,entry_price,exit_index,exit_ts,exit_price,fees,pnl"

    static func text(_ trips: [RoundTrip], _ plan: KernelPlan) -> String {
        ([head] + trips.map { row($0, plan) }).map { $0 + "\n" }.joined()
    }

    private static func row(_ trip: RoundTrip, _ plan: KernelPlan) -> String {
        var cells = [
            field(plan.instruments[Int(trip.instrument.index)].symbol), "\(trip.quantity)",
            "\(trip.entryIndex)", "\(trip.entryTime.nanoseconds)", "\(trip.entryPrice)",
        ]
        if let exit = trip.exit {
            cells += ["\(exit.index)", "\(exit.time.nanoseconds)", "\(trip.exitPrice)"]
        } else {
            cells += ["", "", ""]
        }
        cells.append(BacktestAnswer.amount(trip.fees))
        cells.append(trip.isClosed ? BacktestAnswer.amount(trip.profit) : "")
        return cells.joined(separator: ",")
    }

    /// Quoted where it must be.
    static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
