import CLinux
import Glibc

/// Processors by their numbers, as people and Linux write them: `0-1`, `0,2-3`.
package struct CPUSet: Hashable, Sendable, CustomStringConvertible {
    /// Ascending.
    package let numbers: [Int]
    /// What the system's calls take here.
    package static let most = 1_024

    package init(_ numbers: some Sequence<Int>) { self.numbers = Set(numbers).sorted() }

    /// - Returns: `nil` for anything but numbers and ranges, each below ``most``; at least one.
    package init?(_ text: String) {
        var numbers: [Int] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", omittingEmptySubsequences: false)
                .map { Self.number($0) }
            guard ends.count <= 2, let first = ends.first ?? nil, let last = ends.last ?? nil,
                first <= last
            else { return nil }
            numbers += first...last
        }
        self.init(numbers)
    }

    private static func number(_ text: Substring) -> Int? {
        var digits = text
        while digits.first == " " { digits = digits.dropFirst() }
        while digits.last == " " { digits = digits.dropLast() }
        guard (1...4).contains(digits.utf8.count),
            digits.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(digits),
            number < most
        else { return nil }
        return number
    }

    package var description: String {
        var ranges: [ClosedRange<Int>] = []
        for number in numbers {
            if let last = ranges.last, last.upperBound + 1 == number {
                ranges[ranges.count - 1] = last.lowerBound...number
            } else {
                ranges.append(number...number)
            }
        }
        return ranges.map {
            $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)-\($0.upperBound)"
        }.joined(separator: ",")
    }

    package func subtracting(_ other: CPUSet) -> CPUSet {
        CPUSet(Set(numbers).subtracting(other.numbers))
    }

    /// One bit for each, for the system.
    var mask: [UInt] {
        var mask = [UInt](repeating: 0, count: Self.most / UInt.bitWidth)
        for number in numbers { mask[number / UInt.bitWidth] |= 1 << (number % UInt.bitWidth) }
        return mask
    }

    /// Where this host may run: the machine's, less what a container or a unit keeps from it.
    package static func allowed() -> CPUSet {
        var mask = [UInt](repeating: 0, count: most / UInt.bitWidth)
        let count = mask.withUnsafeMutableBytes { host_get_affinity($0.baseAddress, $0.count) }
        return count > 0
            ? CPUSet(mask: mask) : CPUSet(0..<max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    }

    init(mask: [UInt]) {
        self.init(
            (0..<mask.count * UInt.bitWidth).filter {
                mask[$0 / UInt.bitWidth] >> ($0 % UInt.bitWidth) & 1 == 1
            })
    }
}
