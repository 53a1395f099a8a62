import TradingModel

/// `fast=5..20,slow=20..60:10`: parameters and the values to try, and every combination of them. A value.
package struct SweepGrid: Hashable, Sendable {
    package struct Axis: Hashable, Sendable {
        /// A parameter, or `strategy.parameter` where several strategies have it.
        package let name: String
        package let values: [String]
    }
    /// What is wrong with the text, for people.
    package struct Problem: Error, Hashable, CustomStringConvertible {
        package let description: String
    }
    package let axes: [Axis]
    /// Combinations at most: more would be no search but a lottery.
    package static let most = 100_000

    package init(_ text: String) throws(Problem) {
        var axes: [Axis] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let axis = try Self.axis(String(part))
            guard !axes.contains(where: { $0.name == axis.name }) else {
                throw Problem(description: "'\(axis.name)' is swept twice")
            }
            axes.append(axis)
        }
        self.axes = axes
        guard count <= Self.most else {
            throw Problem(description: "these are more than \(Self.most) combinations")
        }
    }

    package var count: Int {
        axes.reduce(1) { count, axis in
            let (product, overflow) = count.multipliedReportingOverflow(by: axis.values.count)
            return overflow ? .max : product
        }
    }

    /// Where a lone value such as `5-20` stands for a range, the way that one is written: `fast=5..20`.
    package var looksLikeARange: String? {
        for axis in axes where axis.values.count == 1 {
            let ends = axis.values[0].split(separator: "-", omittingEmptySubsequences: false)
            guard ends.count == 2,
                ends.allSatisfy({ parseDecimal($0.utf8, scale: 8) != nil })
            else { continue }
            return "\(axis.name)=\(ends[0])..\(ends[1])"
        }
        return nil
    }

    /// The last axis turns fastest.
    package subscript(_ index: Int) -> [String] {
        var rest = index
        var values: [String] = []
        for axis in axes.reversed() {
            values.append(axis.values[rest % axis.values.count])
            rest /= axis.values.count
        }
        return values.reversed()
    }

    private static func axis(_ text: String) throws(Problem) -> Axis {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty else {
            throw Problem(
                description: "'\(text)' is no sweep of a parameter such as fast=5..20 or"
                    + " slow=20..60:10 or mode=a|b")
        }
        let name = trim(sides[0])
        let values = trim(sides[1])
        guard values.contains("..") else {
            let listed = values.split(separator: "|", omittingEmptySubsequences: false).map {
                trim($0)
            }
            guard listed.allSatisfy({ !$0.isEmpty }), Set(listed).count == listed.count else {
                throw Problem(description: "'\(text)': a value is empty, or there twice")
            }
            return Axis(name: name, values: listed)
        }
        return Axis(name: name, values: try range(values, of: text))
    }

    private static func range(_ values: String, of text: String) throws(Problem) -> [String] {
        let parts = values.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let ends = String(parts[0]).split(separator: ".", omittingEmptySubsequences: false)
        guard let (low, high) = bounds(String(parts[0])), ends.count >= 3 else {
            throw Problem(description: "'\(text)': a range is written 5..20 or 0.5..2:0.25")
        }
        let step =
            parts.count == 2 ? parseDecimal(parts[1].utf8, scale: 8) : Int128(fixedPointScale)
        guard let step, step > 0 else {
            throw Problem(description: "'\(text)': the step behind ':' is a number above 0")
        }
        guard low <= high else {
            throw Problem(description: "'\(text)': the range ends before it begins")
        }
        guard (high - low) / step < Int128(most) else {
            throw Problem(description: "'\(text)': these are more than \(most) values")
        }
        return (0...Int((high - low) / step)).map {
            decimalString(low + Int128($0) * step, scale: 8)
        }
    }

    /// Around `..`, for a decimal has a point of its own.
    private static func bounds(_ text: String) -> (Int128, Int128)? {
        let bytes = Array(text.utf8)
        let point = UInt8(ascii: ".")
        for at in bytes.indices.dropLast() where bytes[at] == point && bytes[at + 1] == point {
            guard let low = parseDecimal(bytes[..<at], scale: 8),
                let high = parseDecimal(bytes[(at + 2)...], scale: 8)
            else { return nil }
            return (low, high)
        }
        return nil
    }

    private static func trim(_ text: some StringProtocol) -> String {
        String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
