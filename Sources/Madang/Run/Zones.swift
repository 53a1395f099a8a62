import Foundation
import TradingModel

/// The system's time zones as the tables that the kernel reads.
enum Zones {
    /// 1970 to 2070: what recordings and calendars need.
    private static let first = 0
    private static let last = 3_155_760_000
    private static let stride = 7 * 86_400

    /// - Returns: `nil` for an unknown zone.
    static func offsets(of name: String) -> ZoneOffsets? {
        guard let zone = TimeZone(identifier: name) else { return nil }
        func offset(_ second: Int) -> Int {
            zone.secondsFromGMT(for: Date(timeIntervalSince1970: TimeInterval(second)))
        }
        var changes = [change(at: .min, offset(first))]
        var before = offset(first)
        for sample in Swift.stride(from: first + stride, through: last, by: stride) {
            let after = offset(sample)
            guard after != before else { continue }
            var low = sample - stride
            var high = sample
            while high - low > 1 {
                let middle = (low + high) / 2
                if offset(middle) == before { low = middle } else { high = middle }
            }
            changes.append(change(at: Int64(high) * 1_000_000_000, after))
            before = after
        }
        return ZoneOffsets(changes: changes)
    }

    private static func change(at nanoseconds: Int64, _ seconds: Int) -> ZoneOffsets.Change {
        ZoneOffsets.Change(
            from: Timestamp(nanoseconds: nanoseconds), offset: .seconds(Int64(seconds)))
    }
}
