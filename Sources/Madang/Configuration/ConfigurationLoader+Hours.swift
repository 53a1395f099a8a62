import Platform
import TradingModel

extension ConfigurationLoader {
    /// When instruments are traded, days that differ included.
    mutating func hours(_ section: Section) -> MarketHours {
        let regular = section.value("hours", Self.hoursFormat, default: .around)
        var odd: [MarketHours.OddDay] = []
        for (date, value) in section.scalars("odd_days") {
            guard let day = SplitTime.read(date, .utc) else {
                section.report(
                    "odd_days", "'\(date)' is no day", advice: "write it as 2026-11-19")
                continue
            }
            let number = floorDivide(day.nanoseconds, nanosecondsPerDay)
            switch Hours(value.text, canClose: true) {
            case .within(let session)?: odd.append(.init(day: number, session: session))
            case .closed?: odd.append(.init(day: number, session: nil))
            case .around?, nil:
                section.report(
                    "odd_days", "'\(value.text)' on \(date) is neither hours nor 'closed'",
                    advice:
                        "for example: odd_days: { 2026-11-19: \"10:00-16:30\", 2026-12-31: closed }"
                )
            }
        }
        let session: MarketHours.Session? =
            if case .within(let session) = regular { session } else { nil }
        let hours = MarketHours(session, oddDays: odd)
        note(
            hours, session, odd: Set(odd.map(\.day)),
            isKRX: regular == Hours("krx", canClose: false))
        return hours
    }

    private static var hoursFormat: ValueFormat<Hours> {
        .parsed("'krx', 'us', '24h', or hours such as 09:00-15:30", show: { $0.text }) {
            Hours($0, canClose: false)
        }
    }
}

/// Hours as people write them.
enum Hours: Hashable, Sendable {
    case around, closed
    case within(MarketHours.Session)

    init?(_ text: String, canClose: Bool) {
        switch text {
        case "24h": self = .around
        case "closed" where canClose: self = .closed
        case "krx": self.init("09:00-15:30", canClose: false)
        case "us": self.init("09:30-16:00", canClose: false)
        default:
            let ends = text.split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2, let open = Self.time(ends[0]), let close = Self.time(ends[1]),
                let session = MarketHours.Session(open: open, close: close)
            else { return nil }
            self = .within(session)
        }
    }

    /// ns since midnight of `15:36`.
    static func time(_ text: some StringProtocol) -> Int64? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy({ $0.count == 2 && $0.allSatisfy(\.isNumber) }),
            let hour = Int64(parts[0]), let minute = Int64(parts[1]), hour < 24, minute < 60
        else { return nil }
        return (hour * 60 + minute) * 60_000_000_000
    }

    var text: String {
        func clock(_ time: Int64) -> String {
            let minutes = time / 60_000_000_000
            func two(_ value: Int64) -> String { value < 10 ? "0\(value)" : "\(value)" }
            return two(minutes / 60) + ":" + two(minutes % 60)
        }
        return switch self {
        case .around: "24h"
        case .closed: "closed"
        case .within(let session): clock(session.open) + "-" + clock(session.close)
        }
    }
}
