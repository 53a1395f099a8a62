import Backtest
import Host
import TradingModel

/// Where a chart's time is marked: at the first row of a day, month or year, whichever are few enough.
///
/// Charts go by rows, not by the clock: nights and weekends have no width, so even distances would be marked
/// at times that mean nothing.
struct TimeAxis {
    struct Tick: Hashable {
        /// Of the row that the unit begins with.
        let index: Int
        let label: String
    }
    let ticks: [Tick]
    /// Whether a line across the chart stands at each: not where times of one day are told.
    let areBounds: Bool
    static let most = 9

    private enum Unit: CaseIterable {
        case day, week, month, quarter, year, years5, years20

        /// The same for all moments of one unit.
        func key(_ day: Int64) -> Int64 {
            let (year, month, _) = MonthTable.date(of: day)
            return switch self {
            case .day: day
            case .week: (day + 3) / 7  // Mondays: 1970-01-01 was a Thursday
            case .month: Int64(year * 12 + month - 1)
            case .quarter: Int64(year * 4 + (month - 1) / 3)
            case .year: Int64(year)
            case .years5: Int64(year / 5)
            case .years20: Int64(year / 20)
            }
        }
    }

    init(_ spans: [Trace.Span], zone: ZoneOffsets) {
        for unit in Unit.allCases {
            var ticks: [Tick] = []
            var last: Int64?
            for span in spans {
                let day = zone.day(of: span.from)
                let key = unit.key(day)
                if let last, key != last {
                    ticks.append(Tick(index: span.firstIndex, label: Self.label(day, unit)))
                }
                last = key
            }
            if ticks.isEmpty { break }
            guard ticks.count <= Self.most else { continue }
            self.ticks = ticks
            areBounds = true
            return
        }
        // Within a day: times of it, evenly.
        let count = min(6, spans.count)
        ticks = (0..<count).map { at in
            let span = spans[(spans.count - 1) * at / max(1, count - 1)]
            let local = span.from.advanced(by: zone.offset(at: span.from))
            let text = CivilTime(local).text(separator: " ")
            return Tick(
                index: span.firstIndex,
                label: String(at == 0 ? text.dropLast(3) : text.dropFirst(11).dropLast(3)))
        }
        areBounds = false
    }

    private static func label(_ day: Int64, _ unit: Unit) -> String {
        let (year, month, date) = MonthTable.date(of: day)
        func two(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return switch unit {
        case .day, .week: "\(year)-\(two(month))-\(two(date))"
        case .month, .quarter: "\(year)-\(two(month))"
        case .year, .years5, .years20: "\(year)"
        }
    }
}
