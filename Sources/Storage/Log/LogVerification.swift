package import Ports

import Glibc

/// Reads a whole log without opening it, and says where the first thing is that is not as it was written.
///
/// Nothing is changed or locked. A torn end is what a crash leaves, and no damage: none of it was
/// acknowledged. While a host writes, its last group may look torn.
package struct LogVerification: Hashable, Sendable {
    package struct Segment: Hashable, Sendable {
        package var path: String
        package var bytes: Int
        package var first: UInt64
        /// Whole records.
        package var records: Int
        package var kernelVersion: UInt32
    }
    /// Something that was durable is not whole any more, or not there.
    package struct Damage: Hashable, Sendable {
        package var file: String
        /// Where the first bad byte may be: the end of the last whole record.
        package var offset: Int
        /// The first record that is lost; 0 where it cannot be told.
        package var record: UInt64
        package var what: String
    }
    package private(set) var segments: [Segment] = []
    package private(set) var damage: Damage?
    package private(set) var torn: LogRecovery.TornTail?
    /// Whether it ended with an orderly close.
    package private(set) var wasClosed = false
    /// The process that has the log now.
    package private(set) var owner: Int32?

    package var records: Int { segments.reduce(0) { $0 + $1.records } }

    /// Checks what the frames cannot: `nil` for a good record, or what is wrong with it.
    package typealias Check = (UInt64, ArraySlice<UInt8>) -> String?

    /// - Throws: `io`, `permission` where a file cannot be read; damage is no error here.
    package init(
        _ folder: String, check: Check = { _, _ in nil }
    ) throws(StoreError) {
        owner = FolderLock.holder(of: folder)
        let place = LogFolder(path: folder, calls: SystemFileCalls())
        let numbers = try place.segments()
        guard let last = numbers.last else {
            throw StoreError(
                .io, "there is no log", at: folder, advice: "bring its folder back, if it was moved"
            )
        }
        var doubt: Damage?
        for number in 1...last {
            let path = place.path(ofSegment: number)
            guard numbers.contains(number) else {
                damage =
                    doubt
                    ?? Damage(
                        file: path, offset: 0, record: next,
                        what: "the segment is missing, though a later one is there")
                return
            }
            let file = try LogFile(opening: path, flags: O_RDONLY, calls: SystemFileCalls())
            let head: SegmentHead
            let seed: UInt32
            do throws(StoreError) { (head, seed) = try SegmentHead.read(from: file) } catch {
                guard error.code == .corrupt else { throw error }
                damage = doubt ?? Damage(file: path, offset: 0, record: next, what: error.what)
                return
            }
            if let wrong = wrong(head, number) {
                damage = doubt ?? Damage(file: path, offset: 0, record: next, what: wrong)
                return
            }
            doubt = try read(file, head, seed, isLast: number == last, check)
            if damage != nil { return }
        }
    }

    /// The number of the record that should come next.
    private var next: UInt64 {
        segments.last.map { $0.first + UInt64($0.records) } ?? 1
    }

    private func wrong(_ head: SegmentHead, _ number: UInt64) -> String? {
        guard head.segment == number, head.firstNumber == next else {
            return "the head says segment \(head.segment) from record \(head.firstNumber),"
                + " expected segment \(number) from record \(next)"
        }
        return nil
    }

    /// - Returns: What is wrong unless the next segment begins with the very record that is not whole.
    private mutating func read(
        _ file: consuming LogFile, _ head: SegmentHead, _ seed: UInt32, isLast: Bool,
        _ check: Check
    ) throws(StoreError) -> Damage? {
        let path = file.path
        var scanner = try SegmentScanner(file, head: head, seed: seed)
        var (number, offset) = (scanner.number, scanner.offset)
        segments.append(
            Segment(
                path: path, bytes: scanner.size, first: head.firstNumber, records: 0,
                kernelVersion: head.identity.kernelVersion))
        while let record = try scanner.next() {
            if let wrong = check(number, record) {
                damage = Damage(file: path, offset: offset, record: number, what: wrong)
                return nil
            }
            (number, offset) = (scanner.number, scanner.offset)
            segments[segments.count - 1].records += 1
        }
        let at = (offset: scanner.offset, record: scanner.number)
        func found(_ what: String) -> Damage {
            Damage(file: path, offset: at.offset, record: at.record, what: what)
        }
        switch try scanner.classifyEnd() {
        case .damaged(let proof):
            damage = found(
                "the record is damaged, though it was durable:"
                    + " whole records of a later flush follow at \(proof)")
        case .continued where isLast:
            damage = found("the segment after this one is missing")
        case .torn where !isLast:
            return found("the record is damaged, though a later segment follows")
        case .torn(let nonZeroEnd):
            torn = LogRecovery.TornTail(
                file: path, offset: at.offset, bytes: nonZeroEnd - at.offset,
                firstLost: at.record, keptIn: "")
        case .closed: wasClosed = isLast
        case .clean, .continued: break
        }
        return nil
    }
}
