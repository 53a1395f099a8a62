import Platform
import Ports
import TradingModel

/// A quarantine as people read it.
enum QuarantineWords {
    /// Since when, why, and what ends it.
    static func standing(_ name: String, _ quarantine: ServerQuarantine) -> String {
        "\(name) is in quarantine since \(time(quarantine)): \(oneLine(quarantine.words));"
            + " nobody connects to it before '\(ServerQuarantine.release(name))'"
    }

    /// `2026-11-20 10:31:07 UTC`.
    static func time(_ quarantine: ServerQuarantine) -> String {
        CivilTime(Timestamp(nanoseconds: quarantine.since)).text(separator: " ") + " UTC"
    }
}
