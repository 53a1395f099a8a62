import Glibc
import Ports

/// Reads a log that exists, from the first byte to the last, and leaves it ready for the next
/// record.
///
/// Every step may be cut short by a crash and begun again.
struct LogOpening {
    let folder: LogFolder
    let identity: LogIdentity
    let settings: LogSettings
    /// Only looks: nothing is set aside, cut or made durable.
    var isReading = false

    /// A segment as far as it is whole.
    struct Segment: Sendable {
        var path: String
        var head: SegmentHead
        var seed: UInt32
        /// After its last record.
        var next: UInt64
        var end: Int
    }

    func open() throws(StoreError) -> (segments: [Segment], last: Segment, recovery: LogRecovery) {
        let numbers = try folder.segments()
        try checkNames(numbers)
        var segments: [Segment] = []
        var wasClosed = false
        var torn: LogRecovery.TornTail?
        var doubt: StoreError?
        for number in numbers {
            let path = folder.path(ofSegment: number)
            let file = try LogFile(
                opening: path, flags: isReading ? O_RDONLY : O_RDWR, calls: folder.calls)
            let (head, seed) = try SegmentHead.read(from: file)
            try check(head, number: number, after: segments.last, doubt: doubt, at: path)
            var scanner = try SegmentScanner(file, head: head, seed: seed)
            while try scanner.next() != nil {}
            let end = try scanner.classifyEnd()
            let isLast = number == numbers.last
            doubt = try check(end, of: scanner, isLast: isLast)
            if isLast, case .torn(let nonZeroEnd) = end {
                torn =
                    isReading
                    ? LogRecovery.TornTail(
                        file: path, offset: scanner.offset, bytes: nonZeroEnd - scanner.offset,
                        firstLost: scanner.number, keptIn: "")
                    : try setAside(&scanner, upTo: nonZeroEnd, segment: number)
            }
            // What was read may so far be in memory only; now it is durable.
            if isLast, !isReading { try scanner.file.syncAll() }
            wasClosed = end == .closed
            segments.append(
                Segment(
                    path: path, head: head, seed: seed, next: scanner.number, end: scanner.offset))
        }
        if !isReading { try folder.sync() }
        guard let last = segments.last else {
            throw StoreError(
                Errno(ENOENT), doing: "find a log", at: folder.path,
                advice: "no segment is there; start a new run")
        }
        let recovery = LogRecovery(
            lastNumber: last.next - 1, segments: segments.count, wasClosed: wasClosed,
            tornTail: torn, headExtra: last.head.extra,
            kernelVersion: last.head.identity.kernelVersion)
        return (segments, last, recovery)
    }

    private func checkNames(_ numbers: [UInt64]) throws(StoreError) {
        for (index, number) in numbers.enumerated() where number != UInt64(index) + 1 {
            throw StoreError(
                .corrupt, "segment \(index + 1) is missing, but \(number) is there",
                at: folder.path(ofSegment: UInt64(index) + 1), advice: corruptAdvice)
        }
    }

    private func check(
        _ head: SegmentHead, number: UInt64, after before: Segment?, doubt: StoreError?,
        at path: String
    ) throws(StoreError) {
        let expected = before?.next ?? 1
        guard head.segment == number, head.firstNumber == expected else {
            throw doubt
                ?? StoreError(
                    .corrupt,
                    "the head says segment \(head.segment) from record \(head.firstNumber), "
                        + "expected segment \(number) from record \(expected)",
                    at: "\(path):0", advice: corruptAdvice)
        }
        guard head.identity.kernelVersion <= identity.kernelVersion else {
            throw StoreError(
                .newerVersion,
                "written by kernel version \(head.identity.kernelVersion), "
                    + "this program has \(identity.kernelVersion)",
                at: path, advice: "use the program that wrote it, or a newer one")
        }
        guard head.identity.configurationHash == identity.configurationHash else {
            throw otherRun(
                path, "configuration", head.identity.configurationHash, identity.configurationHash)
        }
        guard head.identity.runID == identity.runID else {
            throw otherRun(path, "run", head.identity.runID, identity.runID)
        }
    }

    private func otherRun(
        _ path: String, _ what: String, _ there: String, _ ours: String
    ) -> StoreError {
        StoreError(
            .otherRun, "the log belongs to \(what) \(there), this is \(ours)", at: path,
            advice: "go back to that \(what), or start a new run in another folder")
    }

    /// - Returns: What is wrong unless the next segment begins with the very record that is not
    ///   whole here: then only the mark that ends this segment was cut short.
    /// - Throws: `corrupt` for what is wrong in any case.
    private func check(
        _ end: SegmentScanner.End, of scanner: borrowing SegmentScanner, isLast: Bool
    ) throws(StoreError) -> StoreError? {
        let place = "\(scanner.file.path):\(scanner.offset)"
        let number = scanner.number
        switch end {
        case .damaged(let proof):
            throw StoreError(
                .corrupt,
                "record \(number) is damaged, though it was durable: "
                    + "whole records of a later flush follow at \(proof)",
                at: place, advice: corruptAdvice)
        case .continued where isLast:
            throw StoreError(
                .corrupt, "the segment after this one is missing: it began with record \(number)",
                at: place, advice: corruptAdvice)
        case .torn where !isLast:
            return StoreError(
                .corrupt, "record \(number) is damaged, though a later segment follows",
                at: place, advice: corruptAdvice)
        default: return nil
        }
    }

    /// Copies the torn bytes to a file of their own, then cuts them off.
    private func setAside(
        _ scanner: inout SegmentScanner, upTo nonZeroEnd: Int, segment: UInt64
    ) throws(StoreError) -> LogRecovery.TornTail {
        let offset = scanner.offset
        let path = unusedTornPath(segment)
        do {
            let copy = try LogFile(
                opening: path + ".new", flags: O_RDWR | O_CREAT | O_TRUNC, calls: folder.calls,
                named: path)
            var at = offset
            while at < nonZeroEnd {
                let part = Array(try scanner.bytes(at..<min(at + 1 << 20, nonZeroEnd)))
                guard !part.isEmpty else { break }
                var failure: StoreError?
                part.withUnsafeBytes { bytes in
                    do throws(StoreError) {
                        try copy.write(bytes, at: at - offset, doing: "set a torn record aside")
                    } catch { failure = error }
                }
                if let failure { throw failure }
                at += part.count
            }
            try copy.syncAll()
        }
        try folder.rename(path + ".new", to: path)
        try scanner.file.truncate(to: offset)
        try scanner.file.syncAll()
        return LogRecovery.TornTail(
            file: scanner.file.path, offset: offset, bytes: nonZeroEnd - offset,
            firstLost: scanner.number, keptIn: path)
    }

    /// `00000003.torn`, then `00000003.2.torn` and on: an earlier crash's bytes are kept too.
    private func unusedTornPath(_ segment: UInt64) -> String {
        let base = "\(folder.path)/\(folder.name(ofSegment: segment))"
        var path = base + ".torn"
        var count = 1
        while access(path, F_OK) == 0 {
            count += 1
            path = "\(base).\(count).torn"
        }
        return path
    }
}
