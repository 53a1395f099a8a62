import Glibc
import Ports

/// Reads the records that were there when the log was opened.
struct LogReading {
    let segments: [LogOpening.Segment]
    let calls: any FileCalls

    /// From record `first` to the end, or until `body` returns false.
    func forEach(from first: UInt64, _ body: (UInt64, [UInt8]) throws -> Bool) throws {
        for segment in segments where segment.next > max(first, segment.head.firstNumber) {
            let file = try LogFile(opening: segment.path, flags: O_RDONLY, calls: calls)
            var scanner = try SegmentScanner(file, head: segment.head, seed: segment.seed)
            while scanner.number < segment.next {
                let number = scanner.number
                guard let payload = try scanner.next() else {
                    throw StoreError(
                        .corrupt, "record \(number) was whole when the log was opened, not now",
                        at: "\(segment.path):\(scanner.offset)", advice: corruptAdvice)
                }
                guard number >= first else { continue }
                guard try body(number, Array(payload)) else { return }
            }
        }
    }
}
