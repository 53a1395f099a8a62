import Foundation
import Indicators
import Testing
import TradingModel

/// The vectors of `oracles/indicators`.
enum Oracle {
    static var folder: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "oracles/indicators")
    }

    /// The columns of `golden_integer.csv` by name; an empty cell is `nil`.
    static func golden() throws -> [String: [Double?]] {
        let text = try String(
            contentsOf: folder.appending(path: "golden_integer.csv"), encoding: .utf8)
        let rows = text.split(separator: "\n").map {
            $0.split(separator: ",", omittingEmptySubsequences: false)
        }
        guard let head = rows.first else { return [:] }
        var columns: [String: [Double?]] = [:]
        for (index, name) in head.enumerated() {
            columns[String(name)] = rows.dropFirst().map { Double($0[index]) }
        }
        return columns
    }

    static func bars(_ columns: [String: [Double?]]) throws -> [Bar] {
        let names = ["open", "high", "low", "close", "volume"]
        let all = try names.map { try #require(columns[$0]) }
        return try all[0].indices.map { index in
            let whole = try all.map { Int64(try #require($0[index])) }
            let prices = try whole.prefix(4).map { try #require(Price(whole: $0)) }
            return Bar(
                open: prices[0], high: prices[1], low: prices[2], close: prices[3],
                volume: Volume(units: Int128(whole[4]) * Int128(fixedPointScale)))
        }
    }

    /// `|a - b| <= 1e-9 x max(1, |b|)`: the tolerance of `conventions.json`.
    static func agrees(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-9 * max(1, abs(b)) }
}

extension StateHasher {
    static func of(_ body: (inout StateHasher) -> Void) -> UInt64 {
        var hasher = StateHasher()
        body(&hasher)
        return hasher.value
    }
}
