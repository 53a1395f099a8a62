/// A line of the system's process table: `/proc/NUMBER/stat`.
package struct ProcessEntry: Hashable, Sendable {
    package let id: Int32
    package let parent: Int32
    package let group: Int32
    /// Ticks since the machine's start. With the number it names a process for as long as the
    /// machine is up: numbers are given again, and never at the same tick.
    package let start: UInt64
    /// Pages in memory, those that are shared too; 0 for one that has ended and was not reaped.
    package let pages: Int64
    package let hasEnded: Bool

    package var identity: ProcessIdentity { ProcessIdentity(id: id, start: start) }

    /// - Returns: `nil` for anything but such a line. Allocates nothing.
    package init?(_ line: some BidirectionalCollection<UInt8>) {
        // number (name) state parent group …; the name may hold anything, spaces and brackets too.
        guard let open = line.firstIndex(of: UInt8(ascii: "(")),
            let close = line.lastIndex(of: UInt8(ascii: ")")), open < close,
            let id = Self.number(line[..<open].dropLast()).flatMap(Int32.init(exactly:))
        else { return nil }
        var parent: Int32?
        var group: Int32?
        var start: UInt64?
        var pages: Int64?
        var state: UInt8 = 0
        var field = 2
        var rest = line[line.index(after: close)...]
        while field < 24, let first = rest.firstIndex(where: { $0 != 0x20 && $0 != 0x0A }) {
            let end = rest[first...].firstIndex { $0 == 0x20 || $0 == 0x0A } ?? rest.endIndex
            field += 1
            switch field {
            case 3: state = rest[first]
            case 4: parent = Self.number(rest[first..<end]).flatMap(Int32.init(exactly:))
            case 5: group = Self.number(rest[first..<end]).flatMap(Int32.init(exactly:))
            case 22: start = Self.number(rest[first..<end])
            case 24: pages = Self.number(rest[first..<end]).flatMap(Int64.init(exactly:))
            default: break
            }
            rest = rest[end...]
        }
        guard let parent, let group, let start, let pages else { return nil }
        hasEnded = state == UInt8(ascii: "Z") || state == UInt8(ascii: "X")
        (self.id, self.parent, self.group, self.start) = (id, parent, group, start)
        self.pages = hasEnded ? 0 : pages
    }

    package init(
        id: Int32, parent: Int32, group: Int32, start: UInt64, pages: Int64 = 0,
        hasEnded: Bool = false
    ) {
        self.id = id
        self.parent = parent
        self.group = group
        self.start = start
        self.pages = pages
        self.hasEnded = hasEnded
    }

    static func number(_ digits: some Collection<UInt8>) -> UInt64? {
        guard !digits.isEmpty, digits.count <= 20 else { return nil }
        var number: UInt64 = 0
        for digit in digits {
            guard (48...57).contains(digit) else { return nil }
            let (ten, tooMany) = number.multipliedReportingOverflow(by: 10)
            let (sum, tooMuch) = ten.addingReportingOverflow(UInt64(digit - 48))
            guard !tooMany, !tooMuch else { return nil }
            number = sum
        }
        return number
    }
}

/// A process, and no other that gets its number later.
package struct ProcessIdentity: Hashable, Sendable {
    package let id: Int32
    /// Ticks since the machine's start.
    package let start: UInt64
    package init(id: Int32, start: UInt64) {
        self.id = id
        self.start = start
    }
}
